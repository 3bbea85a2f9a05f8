// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CONFIG_HPP
#define TORO_DETAIL_CONFIG_HPP

// Each public header includes this before all others.

#if defined(_MSVC_LANG)
#define TORO_DETAIL_CPLUSPLUS _MSVC_LANG
#else
#define TORO_DETAIL_CPLUSPLUS __cplusplus
#endif
#if TORO_DETAIL_CPLUSPLUS <= 201703L
#error "toro needs C++20: compile with -std=c++20 or later"
#endif
#undef TORO_DETAIL_CPLUSPLUS

#include <boost/config.hpp>

// For types and variables of which a process must have one each, even if shared
// objects hide their symbols (-fvisibility=hidden): services, whose ids are
// compared by address; thread-local variables; types that users may throw, or
// put into a std::any. Why not BOOST_SYMBOL_VISIBLE: g++ 12 accepts no
// [[nodiscard]] beside it.
#if defined(__GNUC__) && !defined(_WIN32) && !defined(__CYGWIN__)
#define TORO_DETAIL_VISIBLE [[gnu::visibility("default")]]
#else
#define TORO_DETAIL_VISIBLE
#endif

// A function that is inlined by force if the compiler optimises. Without
// optimisation, such a function only makes each of its callers larger.
#if defined(__GNUC__) && !defined(__OPTIMIZE__)
#define TORO_DETAIL_FORCEINLINE inline
#else
#define TORO_DETAIL_FORCEINLINE BOOST_FORCEINLINE
#endif

// A function of which toro/src.hpp has the only copy, if it is included. If
// not, the compiler may inline it.
#if defined(TORO_SEPARATE_COMPILATION)
#define TORO_DETAIL_SEPARATE
#else
#define TORO_DETAIL_SEPARATE inline
#endif

#endif // TORO_DETAIL_CONFIG_HPP
