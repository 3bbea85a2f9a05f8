// A precompiled header is built for this file, and lent to tests, or to those of
// mutants.
