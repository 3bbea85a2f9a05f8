// The precompiled header is built for this file, and lent to the tests of
// mutants.
