// SPDX-License-Identifier: BSL-1.0

#include "page_table.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "site.hpp"

namespace {

struct table_with_pages
{
  spider::page& add(const std::string& path, const spider::page* on = nullptr)
  {
    const auto url = spider::canonical("http://h/" + path).value();
    return *pages.add(url, on).first;
  }

  void visit(spider::page& visited)
  {
    pages.claim(visited);
    pages.record(visited, {});
  }

  boost::asio::io_context context;
  spider::page_table pages{context.get_executor(), 4};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(page_table, table_with_pages)

BOOST_AUTO_TEST_CASE(a_url_has_one_page)
{
  spider::page& first = add("a");
  BOOST_TEST(&add("a") == &first);
  BOOST_TEST(&add("b") != &first);
  BOOST_TEST(pages.size() == 2u);
}

BOOST_AUTO_TEST_CASE(only_the_first_claim_succeeds)
{
  spider::page& wanted = add("a");
  BOOST_TEST(pages.claim(wanted));
  BOOST_TEST(!pages.claim(wanted));
}

BOOST_AUTO_TEST_CASE(a_full_table_keeps_what_it_has)
{
  for (const char* path : {"1", "2", "3", "4"})
    add(path);
  BOOST_TEST(!pages.is_full());
  const auto url = spider::canonical("http://h/5").value();
  BOOST_TEST(!pages.add(url, nullptr).first);
  BOOST_TEST(pages.is_full());
  BOOST_TEST(pages.size() == 4u);
}

BOOST_AUTO_TEST_CASE(redirects_that_close_a_circle_are_refused)
{
  spider::page& a = add("a");
  spider::page& b = add("b");
  spider::page& c = add("c");
  BOOST_TEST(!pages.redirect(a, a));
  BOOST_TEST(pages.redirect(a, b));
  BOOST_TEST(pages.redirect(b, c));
  BOOST_TEST(!pages.redirect(c, a));
  BOOST_TEST(!pages.redirect(c, b));
  BOOST_TEST(pages.redirect(c, add("d")));
}

BOOST_AUTO_TEST_CASE(rows_are_the_visited_pages_in_order)
{
  spider::page& c = add("c");
  spider::page& b = add("b", &c);
  spider::page& a = add("a", &c);
  add("a", &b);
  add("a", &c);
  for (spider::page* each : {&c, &a})
    visit(*each);
  pages.settle(a, "broken");
  const auto rows = pages.rows();
  BOOST_REQUIRE(rows.size() == 2u);
  BOOST_TEST(pages.visited() == 2u);
  BOOST_TEST(rows[0].url == "http://h/a");
  BOOST_TEST(rows[0].result.problem == "broken");
  BOOST_REQUIRE(rows[0].found_on.size() == 2u); // each once
  BOOST_TEST(rows[0].found_on[0] == "http://h/b");
  BOOST_TEST(rows[1].url == "http://h/c");
}

BOOST_AUTO_TEST_CASE(malformed_links_are_kept_with_their_pages)
{
  spider::page& a = add("a");
  pages.add_malformed("http://[", "not a URL", a);
  pages.add_malformed("http://[", "not a URL", a);
  const auto rows = pages.malformed();
  BOOST_REQUIRE(rows.size() == 1u);
  BOOST_TEST(rows[0].result.problem == "not a URL");
  BOOST_TEST(rows[0].found_on.size() == 1u);
}

BOOST_AUTO_TEST_CASE(malformed_links_are_bounded_in_length_and_number)
{
  spider::page& a = add("a");
  for (char c = 'a'; c <= 'z'; ++c)
    pages.add_malformed(std::string(1'000'000, c), "too long", a);
  const auto rows = pages.malformed();
  BOOST_REQUIRE(rows.size() == 4u);
  BOOST_TEST(rows[0].url.size() < 300u);
  BOOST_TEST(pages.is_full());
}

BOOST_AUTO_TEST_SUITE_END()
