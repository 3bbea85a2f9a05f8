// SPDX-License-Identifier: BSL-1.0

#include "gzip.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "packed.hpp"

namespace {

using namespace spider_test;

constexpr std::size_t limit = 1000;

std::string unpacked(const std::string& data)
{
  const auto found = spider::unpack_gzip(data, limit);
  return found.text + (found.is_larger ? " (larger)" : "") +
         (found.is_damaged ? " (damaged)" : "");
}

} // namespace

BOOST_AUTO_TEST_SUITE(gzip)

BOOST_AUTO_TEST_CASE(data_is_unpacked)
{
  BOOST_TEST(unpacked(packed("hello, hello, hello")) == "hello, hello, hello");
  BOOST_TEST(unpacked(packed("")) == "");
}

BOOST_AUTO_TEST_CASE(a_header_may_have_more_than_it_must_have)
{
  std::string data = packed("text");
  const std::string more("\x03\0abc" // extra
                         "name\0"
                         "comment\0"
                         "12", // checksum
                         20);
  data[3] = 2 + 4 + 8 + 16;
  data.insert(10, more);
  BOOST_TEST(unpacked(data) == "text");
  for (std::size_t size = 3; size != 10 + more.size(); ++size)
    BOOST_TEST(unpacked(data.substr(0, size)) == " (damaged)", size);
}

BOOST_AUTO_TEST_CASE(members_follow_each_other_and_zeros_may_follow_them)
{
  BOOST_TEST(unpacked(packed("one ") + packed("two")) == "one two");
  BOOST_TEST(unpacked(packed("one") + std::string(100, '\0')) == "one");
}

BOOST_AUTO_TEST_CASE(what_is_damaged_is_called_so)
{
  const std::string data = packed("hello, hello, hello");
  for (std::size_t size = 0; size != data.size(); ++size)
    BOOST_TEST(unpacked(data.substr(0, size)).ends_with("(damaged)"), size);
  for (std::size_t place = 10; place != data.size(); ++place)
  {
    std::string other = data;
    other[place] = static_cast<char>(other[place] ^ 0x10);
    BOOST_TEST(unpacked(other).ends_with(" (damaged)"), place);
  }
  BOOST_TEST(unpacked("plain text").ends_with(" (damaged)"));
}

BOOST_AUTO_TEST_CASE(no_more_is_unpacked_than_the_limit)
{
  BOOST_TEST(unpacked(packed(std::string(limit, 'a'))) ==
             std::string(limit, 'a'));
  const std::string bomb = packed(std::string(100'000'000, 'a'));
  BOOST_TEST(bomb.size() < 500'000u);
  BOOST_TEST(unpacked(bomb) == std::string(limit, 'a') + " (larger)");
  const std::string half = packed(std::string(limit / 2 + 1, 'b'));
  BOOST_TEST(unpacked(half + half).ends_with("b (larger)"));
}

BOOST_AUTO_TEST_SUITE_END()
