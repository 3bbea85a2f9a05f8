// SPDX-License-Identifier: BSL-1.0
// A precompiled header is built for this file, and lent to tests, or to those
// of mutants.
