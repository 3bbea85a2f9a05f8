// SPDX-License-Identifier: BSL-1.0

#include "proxy.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <stdexcept>
#include <string>

#include "crawl_fixture.hpp"

namespace {

using namespace spider_test;
using variables = std::map<std::string, std::string>;

spider::proxies proxies_of(const variables& all)
{
  return spider::proxies(
      [&all](const char* name)
      {
        const auto found = all.find(name);
        return found == all.end() ? nullptr : found->second.c_str();
      });
}

std::string proxy_for(const char* url, const variables& all)
{
  const auto found = proxies_of(all);
  const auto* via = found.find(spider::canonical(url).value());
  return via ? std::string(via->url.buffer()) : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxy)

BOOST_AUTO_TEST_CASE(the_environment_names_the_proxies)
{
  BOOST_TEST(proxy_for("http://h/", {}) == "none");
  BOOST_TEST(proxy_for("http://h/", {{"http_proxy", "http://p:3128"}}) ==
             "http://p:3128/");
  BOOST_TEST(proxy_for("http://h/", {{"http_proxy", "p:3128"}}) ==
             "http://p:3128/");
  BOOST_TEST(proxy_for("https://h/", {{"http_proxy", "p"}}) == "none");
  BOOST_TEST(proxy_for("https://h/", {{"HTTPS_PROXY", "p"}}) == "http://p/");
  BOOST_TEST(proxy_for("http://h/", {{"HTTP_PROXY", "p"}}) == "none");
  BOOST_TEST(proxy_for("http://h/", {{"http_proxy", ""}}) == "none");
}

BOOST_AUTO_TEST_CASE(exempt_hosts_have_none)
{
  const auto is_exempt = [](const char* url, const char* list)
  {
    return proxy_for(url, {{"http_proxy", "p"}, {"no_proxy", list}}) == "none";
  };
  BOOST_TEST(is_exempt("http://h/", "*"));
  BOOST_TEST(is_exempt("http://a.b.c/", "x, b.c"));
  BOOST_TEST(is_exempt("http://a.b.c/", ".B.C"));
  BOOST_TEST(is_exempt("http://b.c/", "b.c"));
  BOOST_TEST(!is_exempt("http://ab.c/", "b.c"));
  BOOST_TEST(is_exempt("http://b.c:81/", "b.c:81"));
  BOOST_TEST(!is_exempt("http://b.c/", "b.c:81"));
  BOOST_TEST(is_exempt("http://[fe80::1]/", "[fe80::1]"));
  BOOST_TEST(!is_exempt("http://h/", " ,, "));
  for (const char* here : {"http://127.0.0.1/", "http://localhost:81/",
                           "http://a.localhost/", "http://[::1]/"})
    BOOST_TEST(is_exempt(here, ""), here);
}

BOOST_AUTO_TEST_CASE(what_is_no_proxy_is_refused_without_its_password)
{
  for (const char* value :
       {"https://p/", "socks5://p/", "http://u:secret@[", "http://p:0/"})
    BOOST_CHECK_EXCEPTION(proxies_of({{"https_proxy", value}}),
                          std::runtime_error,
                          [](const auto& error)
                          {
                            const std::string text = error.what();
                            return text.starts_with("https_proxy") &&
                                   text.find("secret") == std::string::npos;
                          });
}

BOOST_AUTO_TEST_CASE(base64_is_that_of_rfc_4648)
{
  BOOST_TEST(spider::base64("") == "");
  BOOST_TEST(spider::base64("f") == "Zg==");
  BOOST_TEST(spider::base64("fo") == "Zm8=");
  BOOST_TEST(spider::base64("foo") == "Zm9v");
  BOOST_TEST(spider::base64("foobar\xFF") == "Zm9vYmFy/w==");
}

BOOST_AUTO_TEST_CASE(a_proxy_is_asked_for_the_whole_url)
{
  const raw_server proxy(
      [](const std::string& target, int) -> raw_answer
      {
        return html(target == "http://site.invalid/" ? "<a href=1>" : "");
      });
  auto options = without_robots();
  options.by_way_of =
      proxies_of({{"http_proxy", "http://u:p@" + proxy.authority()}});
  crawl all("http://site.invalid/", options);
  all.run();
  BOOST_TEST(all.visit("/1").status == 200u);
  const auto head = proxy.request_for("http://site.invalid/1");
  BOOST_TEST(head.find("Host: site.invalid\r\n") != std::string::npos);
  BOOST_TEST(head.find("Proxy-Authorization: Basic dTpw\r\n") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_down_is_named)
{
  std::string authority;
  {
    const raw_server gone(
        [](const std::string&, int)
        {
          return html("");
        });
    authority = gone.authority();
  }
  auto options = without_robots();
  options.by_way_of =
      proxies_of({{"http_proxy", "http://u:secret@" + authority}});
  crawl all("http://site.invalid/", options);
  BOOST_TEST(all.run().problem("/") == "connect to the proxy " + authority +
                                           " failed: Connection refused");
}

BOOST_AUTO_TEST_SUITE_END()
