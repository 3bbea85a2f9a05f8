#define BOOST_TEST_MODULE toro
#ifdef TORO_TEST_HEADER_ONLY
#include <boost/test/included/unit_test.hpp>
#else
#include <boost/test/unit_test.hpp>
#endif
