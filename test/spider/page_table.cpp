// SPDX-License-Identifier: BSL-1.0

#include "page_table.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <string>
#include <vector>

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
  pages.settle(a, {"broken"});
  const auto rows = pages.rows();
  BOOST_REQUIRE(rows.size() == 2u);
  BOOST_TEST(pages.visited() == 2u);
  BOOST_TEST(rows[0].url == "http://h/a");
  BOOST_TEST(rows[0].result->problem == "broken");
  BOOST_TEST(rows[1].url == "http://h/c");
  const auto broken = pages.broken();
  BOOST_REQUIRE(broken.size() == 1u);
  BOOST_TEST(broken[0].url == "http://h/a");
  BOOST_REQUIRE(broken[0].found_on.size() == 2u); // each once
  BOOST_TEST(broken[0].found_on[0] == "http://h/b");
}

BOOST_AUTO_TEST_CASE(the_fate_of_a_page_can_be_waited_for)
{
  spider::page& a = add("a");
  visit(a);
  std::vector<spider::fate> told;
  const auto ask = [&]
  {
    co_spawn(context, pages.fate_of(a),
             [&told](std::exception_ptr, const spider::fate& its_fate)
             {
               told.push_back(its_fate);
             });
    context.restart();
    context.poll();
  };
  ask();
  BOOST_TEST(told.empty());
  pages.settle(a, {"broken", 101});
  ask();
  BOOST_REQUIRE(told.size() == 2u);
  for (const auto& its_fate : told)
  {
    BOOST_TEST(its_fate.problem == "broken");
    BOOST_TEST(its_fate.redirects == 101u);
  }
}

BOOST_AUTO_TEST_CASE(fragments_are_compared_whenever_the_page_is_visited)
{
  spider::page& a = add("a");
  spider::page& b = add("b");
  spider::page& moved = add("moved");
  for (const char* early : {"right", "wrong-early"})
  {
    pages.add_fragment(b, early, a);
    pages.add_fragment(moved, early, a);
  }
  spider::anchor_set anchors;
  anchors.add("right");
  anchors.finish();
  pages.redirect(moved, b);
  visit(moved);
  pages.claim(b);
  pages.set_anchors(b, std::move(anchors));
  pages.record(b, {});
  for (spider::page* each : {&moved, &b})
    pages.settle(*each, {});
  for (const char* late : {"right", "wrong-late"})
    pages.add_fragment(b, late, a);
  std::vector<std::string> missing;
  for (const auto& row : pages.missing_anchors())
    missing.push_back(row.url);
  const std::vector<std::string> expected{"http://h/b#wrong-early",
                                          "http://h/b#wrong-late",
                                          "http://h/moved#wrong-early"};
  BOOST_TEST(missing == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(fragments_that_pages_have_do_not_fill_the_table)
{
  spider::page& a = add("a");
  for (int i = 0; i != 1000; ++i)
  {
    spider::page& fine = add("b");
    pages.add_fragment(fine, "top", a);
    pages.add_fragment(fine, std::to_string(i), a);
    if (i != 0)
      continue;
    spider::anchor_set anchors;
    for (int name = 0; name != 400; ++name)
      anchors.add(std::to_string(name));
    anchors.finish();
    visit(fine);
    pages.set_anchors(fine, std::move(anchors));
    pages.settle(fine, {});
    BOOST_TEST(pages.missing_anchors().empty());
  }
  BOOST_TEST(pages.missing_anchors().size() == 40u); // ten a page
  BOOST_TEST(pages.is_full());
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
