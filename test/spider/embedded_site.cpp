// SPDX-License-Identifier: BSL-1.0

#include "embedded_site.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

#include "html_links.hpp"
#include "site.hpp"

namespace {

namespace urls = boost::urls;
using spider::behaviour;
using spider::embedded_answer;

// All that links lead to, found without a network; redirects are not followed.
std::map<std::string, spider::site_answer> all_linked_targets()
{
  const auto start = spider::canonical("http://127.0.0.1/").value();
  const spider::site site(start);
  std::map<std::string, spider::site_answer> known;
  std::vector<urls::url> waiting{start};
  while (!waiting.empty())
  {
    const urls::url url = waiting.back();
    waiting.pop_back();
    const std::string target(url.encoded_target());
    const auto answer = embedded_answer(target);
    if (!known.emplace(target, answer).second || answer.status != 200 ||
        !answer.type.starts_with("text/html"))
      continue;
    const auto found = spider::find_links(answer.body);
    const auto base = spider::resolve_base(url, found.base.value_or(""));
    for (const auto& text : found.links)
      if (const auto link = site.resolve(base, text);
          link.kind == spider::link_kind::on_site)
        waiting.push_back(link.url);
  }
  return known;
}

} // namespace

BOOST_AUTO_TEST_SUITE(embedded_site)

BOOST_AUTO_TEST_CASE(it_has_a_few_hundred_pages_and_every_trouble)
{
  const auto all = all_linked_targets();
  std::map<unsigned, int> statuses;
  std::map<behaviour, int> behaviours;
  for (const auto& [target, answer] : all)
  {
    ++statuses[answer.status];
    ++behaviours[answer.how];
  }
  // 12 indices, 12 x 24 pages, 12 to print, 12 with umlauts; home, trouble and
  // its 7 that misbehave with 200; 4 files; a deep page and its bottom.
  BOOST_TEST(statuses[200] == 12 + 288 + 12 + 12 + 2 + 7 + 4 + 2);
  BOOST_TEST(statuses[404] == 12);
  BOOST_TEST(statuses[503] == 1);
  BOOST_TEST(behaviours[behaviour::hang] == 3);
  BOOST_TEST(behaviours[behaviour::endless] == 2);
  BOOST_TEST(behaviours[behaviour::banner] == 1);
}

BOOST_AUTO_TEST_CASE(unknown_targets_are_not_found)
{
  for (const char* target :
       {"/section/12/", "/section/1/", "/section/00",
        "/section/00/page-24.html", "/section/00/page-.html", "/for-ever/",
        "/moved/x", "", "//", "/section/0x/"})
    BOOST_TEST(embedded_answer(target).status == 404u, target);
}

BOOST_AUTO_TEST_CASE(redirects_go_on_for_ever)
{
  BOOST_TEST(embedded_answer("/for-ever/41").location == "42");
}

BOOST_AUTO_TEST_SUITE_END()
