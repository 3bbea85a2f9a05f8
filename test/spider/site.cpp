// SPDX-License-Identifier: BSL-1.0

#include "site.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

namespace urls = boost::urls;
using spider::link_kind;

std::string canonical_text(std::string_view text)
{
  const auto url = spider::canonical(text);
  return url ? std::string(url->buffer()) : "none";
}

const urls::url base = spider::canonical("http://host/a/b/c.html?x=1").value();
const spider::site site_of_base(base);

std::string resolved(std::string_view reference)
{
  return site_of_base.resolve(base, reference).url.buffer();
}

link_kind kind_of(std::string_view reference)
{
  return site_of_base.resolve(base, reference).kind;
}

} // namespace

BOOST_AUTO_TEST_SUITE(site)

BOOST_AUTO_TEST_CASE(equal_urls_have_one_canonical_form)
{
  for (const char* same : {"http://host", "HTTP://HOST:80/", "http://host:/#x",
                           "http://user:secret@host/",
                           "http://host:0080/./a/..", "http://host/../.."})
    BOOST_TEST(canonical_text(same) == "http://host/");
}

BOOST_AUTO_TEST_CASE(canonical_form_keeps_port_query_and_reserved_octets)
{
  BOOST_TEST(canonical_text("http://h:8000/%7ea%2fb?x=%26%3d&y") ==
             "http://h:8000/~a%2Fb?x=%26%3D&y");
  BOOST_TEST(canonical_text("http://[::1]:81/") == "http://[::1]:81/");
}

BOOST_AUTO_TEST_CASE(other_texts_have_no_canonical_form)
{
  for (const char* text :
       {"", "/a", "host", "ftp://host/", "http://", "http:///a", "http://h:0/",
        "http://h:65536/", "http://[h/", "http://h:x/", "http://h:8x/",
        "http://h:-1/"})
    BOOST_TEST(canonical_text(text) == "none", text);
}

BOOST_AUTO_TEST_CASE(relative_links_are_resolved_against_the_page)
{
  BOOST_TEST(resolved("d.html") == "http://host/a/b/d.html");
  BOOST_TEST(resolved("../d#e") == "http://host/a/d");
  BOOST_TEST(resolved("../../../d") == "http://host/d");
  BOOST_TEST(resolved("/d?e=/../f") == "http://host/d?e=/../f");
  BOOST_TEST(resolved("?y") == "http://host/a/b/c.html?y");
  BOOST_TEST(resolved("//host/d") == "http://host/d");
  BOOST_TEST(resolved("") == base.buffer());
  BOOST_TEST(resolved("#top") == base.buffer());
  BOOST_TEST(resolved("%2e%2e/d%2Fe") == "http://host/a/d%2Fe");
}

BOOST_AUTO_TEST_CASE(links_are_taken_as_browsers_take_them)
{
  BOOST_TEST(resolved(" \n two words\t") == "http://host/a/b/two%20words");
  BOOST_TEST(resolved("caf\xC3\xA9") == "http://host/a/b/caf%C3%A9");
  BOOST_TEST(resolved("100%") == "http://host/a/b/100%25");
  BOOST_TEST(resolved("a[1]|b") == "http://host/a/b/a%5B1%5D%7Cb");
  BOOST_TEST(resolved("a#b#c") == "http://host/a/b/a");
}

BOOST_AUTO_TEST_CASE(backslashes_are_slashes_up_to_the_query)
{
  BOOST_TEST(resolved("\\d\\e") == "http://host/d/e");
  BOOST_TEST(resolved("..\\d?e\\f") == "http://host/a/d?e%5Cf");
  BOOST_TEST(resolved("\\\\host\\d") == "http://host/d");
  BOOST_TEST(resolved("http:\\\\host\\d#e\\f") == "http://host/d");
  BOOST_TEST(resolved("d%5Ce") == "http://host/a/b/d%5Ce");
  BOOST_CHECK(kind_of("http://host:81\\d") == link_kind::off_site);
}

BOOST_AUTO_TEST_CASE(control_characters_around_a_link_are_dropped)
{
  BOOST_TEST(resolved(std::string_view("\0\x01 d\x1F\v", 6)) ==
             "http://host/a/b/d");
  BOOST_TEST(resolved("d\x01"
                      "e") == "http://host/a/b/d%01e");
}

BOOST_AUTO_TEST_CASE(the_characters_of_a_host_are_checked)
{
  for (const char* host : {"ho st", "ho%20st", "127.0.0.1%00", "ho%2Fst",
                           "ho%3Ast", "ho<st", "ho%25st", "h%40h", "h%7F"})
  {
    const std::string link = std::string("http://") + host + "/d";
    BOOST_CHECK_MESSAGE(kind_of(link) == link_kind::malformed, link);
    BOOST_TEST(canonical_text(link) == "none");
  }
  BOOST_TEST(resolved("http://%68o%73t/") == "http://host/");
  BOOST_CHECK(kind_of("http://[::1]x/") == link_kind::malformed);
  BOOST_CHECK(kind_of("http://h\xC3\xB6st/") == link_kind::off_site);
  BOOST_CHECK(kind_of("http://h_o~s!t/") == link_kind::off_site);
}

BOOST_AUTO_TEST_CASE(a_colon_behind_what_is_no_scheme_is_part_of_a_path)
{
  BOOST_TEST(resolved("9:30.html?a:b") == "http://host/a/b/9:30.html?a:b");
  BOOST_TEST(resolved("(http://x.org/y") == "http://host/a/b/(http://x.org/y");
  BOOST_TEST(resolved("two words:c") == "http://host/a/b/two%20words:c");
  BOOST_TEST(resolved(":80/d") == "http://host/a/b/:80/d");
  BOOST_TEST(resolved("127.0.0.1:80") == "http://host/a/b/127.0.0.1:80");
  BOOST_TEST(resolved("d/e:f") == "http://host/a/b/d/e:f");
  BOOST_TEST(resolved("?a:b") == "http://host/a/b/c.html?a:b");
  BOOST_TEST(canonical_text("127.0.0.1:80") == "none");
  BOOST_TEST(canonical_text("9:30") == "none");
  BOOST_CHECK(kind_of("a+b.c-1:d") == link_kind::not_http);
}

BOOST_AUTO_TEST_CASE(links_are_told_apart)
{
  BOOST_CHECK(kind_of("d") == link_kind::on_site);
  BOOST_CHECK(kind_of("http://HOST:80/") == link_kind::on_site);
  BOOST_CHECK(kind_of("http://host:81/") == link_kind::off_site);
  BOOST_CHECK(kind_of("http://other/") == link_kind::off_site);
  BOOST_CHECK(kind_of("https://host/") == link_kind::off_site);
  BOOST_CHECK(kind_of("mailto:a@host") == link_kind::not_http);
  BOOST_CHECK(kind_of("javascript:f('x y')") == link_kind::not_http);
  BOOST_CHECK(kind_of("http://[host/") == link_kind::malformed);
  BOOST_CHECK(kind_of("http://host:99999/") == link_kind::malformed);
  BOOST_CHECK(kind_of("http:") == link_kind::malformed);
}

BOOST_AUTO_TEST_CASE(a_malformed_link_is_explained)
{
  const auto problem = [](std::string_view link)
  {
    return site_of_base.resolve(base, link).problem;
  };
  BOOST_TEST(problem("http://host:99999/") ==
             "port 99999 is not between 1 and 65535");
  BOOST_TEST(problem("//host:0/") == "port 0 is not between 1 and 65535");
  BOOST_TEST(problem("http://host:x/") == "port 'x' is not a number");
  BOOST_TEST(problem("//host:x/") == "port 'x' is not a number");
  BOOST_TEST(problem("//host:x") == "port 'x' is not a number");
  BOOST_TEST(problem("http://[host/") == "not a URL");
  BOOST_TEST(problem("d") == "");
  for (const char* with_password :
       {"http://u:secret/word@host/", "http://u:secret#word@host:1/",
        "http://u:123456/word@host/", "//u:secret?word@host"})
    BOOST_TEST(problem(with_password).starts_with("the port is not a number"));
}

BOOST_AUTO_TEST_CASE(a_link_is_shown_without_its_user)
{
  const auto shown = [](std::string_view link)
  {
    return spider::without_user(link);
  };
  BOOST_TEST(shown("http://u:secret@host/d@e") == "http://...@host/d@e");
  BOOST_TEST(shown("HTTPS://u@host:99999/") == "HTTPS://...@host:99999/");
  BOOST_TEST(shown("//u:secret@host:x") == "//...@host:x");
  BOOST_TEST(shown("ftp://u:secret@host") == "ftp://...@host");
  for (const char* malformed :
       {"http:u:secret@host/", "http:/u:secret@host/", "http:///u:secret@host/",
        "http:\\\\u:secret@host/", "http://u:secret/word@host/",
        "http://u:secret#word@host/", " \nht\ttp://u:sec\nret@host/",
        "http://u:secret@word@host/", "//u:secret?word@host/",
        "ftp:\\\\u:secret@host/"})
  {
    BOOST_TEST(shown(malformed).find("secret") == std::string::npos, malformed);
    BOOST_TEST(shown(malformed).ends_with("...@host/"), malformed);
  }
  for (const char* without :
       {"", "d", "/d@e", "?d@e", "#d@e", "http://host/d@e", "http://host?d@e",
        "http://host#d@e", "http://host:1/d@e", "//host/d@e", "mailto:u@host",
        "http:", "http://", "//", "http://[::1]/@", "d:@"})
    BOOST_TEST(shown(without) == without);
}

BOOST_AUTO_TEST_CASE(links_of_any_length_are_resolved_promptly)
{
  std::string up;
  for (int i = 0; i != 100'000; ++i)
    up += "../";
  BOOST_CHECK(kind_of(up) == link_kind::malformed);
  BOOST_CHECK(kind_of("data:" + up) == link_kind::not_http);
  BOOST_CHECK(kind_of("http://host/" + std::string(100'000, '%')) ==
              link_kind::malformed);
  BOOST_CHECK(kind_of(std::string(8'000, 'a')) == link_kind::on_site);
  BOOST_CHECK(kind_of(up.substr(0, 8'000 / 3 * 3)) == link_kind::on_site);
}

BOOST_AUTO_TEST_CASE(a_link_may_not_grow_beyond_the_limit_by_its_base)
{
  const auto deep =
      spider::canonical("http://host/" + std::string(8'100, 'x') + '/').value();
  const auto length_of = [&deep](const std::string& link)
  {
    return site_of_base.resolve(deep, link).url.buffer().size();
  };
  BOOST_TEST(length_of(std::string(79, 'y')) == 8'192u);
  BOOST_TEST(length_of(std::string(80, 'y')) == 0u);
  BOOST_TEST(length_of("/d") == 13u);
  BOOST_TEST(canonical_text("http://host/" + std::string(8'181, 'x')) ==
             "none");
  BOOST_TEST(spider::resolve_base(deep, std::string(80, 'y')).buffer() ==
             deep.buffer());
}

// Boost.URL 1.81 takes the rest of such a host for the beginning of the path,
// and the spider would ask another host than the link names.
BOOST_AUTO_TEST_CASE(a_host_that_begins_as_an_address_is_not_that_address)
{
  const auto address = spider::canonical("http://127.0.0.1/").value();
  const spider::site site_of_address(address);
  for (const char* link :
       {"http://127.0.0.1.example/d", "//127.0.0.1.example",
        "http://127.0.0.1x", "http://127.0.0.1-a?b", "http:\\\\127.0.0.1a/"})
  {
    const auto found = site_of_address.resolve(address, link);
    BOOST_CHECK_MESSAGE(found.kind == link_kind::malformed, link);
    BOOST_TEST_CONTEXT(link)
    BOOST_TEST(found.problem == "a host that begins with an address is not "
                                "understood");
    BOOST_TEST(canonical_text(link) == "none");
  }
  BOOST_TEST(spider::why_no_start("http://127.0.0.1.example/") ==
             "a host that begins with an address is not understood in "
             "'http://127.0.0.1.example/'");
  BOOST_CHECK(site_of_address.resolve(address, "http://1270.0.0.1/").kind ==
              link_kind::off_site);
}

BOOST_AUTO_TEST_CASE(the_user_of_a_link_is_noted)
{
  BOOST_TEST(site_of_base.resolve(base, "http://u:pw@host/d").has_user);
  for (const char* link : {"http://u:pw@host/d", "http://u@v:p@w@host/d"})
    BOOST_TEST(resolved(link) == "http://host/d");
  BOOST_TEST(!site_of_base.resolve(base, "http://host/d@e").has_user);
}

BOOST_AUTO_TEST_CASE(https_has_a_port_and_an_origin_of_its_own)
{
  BOOST_TEST(canonical_text("HTTPS://host:443") == "https://host/");
  BOOST_TEST(canonical_text("https://host:80/") == "https://host:80/");
  const auto secure = spider::canonical("https://host/").value();
  BOOST_TEST(spider::port_of(secure) == "443");
  BOOST_TEST(spider::origin_of(secure) == "https://host:443");
  const spider::site site_of_https(secure);
  BOOST_CHECK(site_of_https.resolve(secure, "/a").kind == link_kind::on_site);
  BOOST_CHECK(site_of_https.resolve(secure, "http://host/").kind ==
              link_kind::off_site);
  BOOST_TEST(site_of_base.resolve(base, "https://host/a").url.buffer() ==
             "https://host/a");
}

BOOST_AUTO_TEST_CASE(the_fragment_of_a_link_is_kept)
{
  const auto fragment = [](std::string_view link)
  {
    return site_of_base.resolve(base, link).fragment;
  };
  BOOST_TEST(fragment("d#e") == "e");
  BOOST_TEST(fragment("d#e#f") == "e#f");
  BOOST_TEST(fragment(" d# e%20\n\tf ") == "e%20f");
  BOOST_TEST(fragment("d#e:~:text=x") == "e");
  BOOST_TEST(fragment("d") == "");
  BOOST_CHECK(kind_of("d#" + std::string(9000, 'x')) == link_kind::malformed);
}

BOOST_AUTO_TEST_CASE(credentials_are_decoded)
{
  BOOST_TEST(spider::credentials_of("http://a:b@h/") == "a:b");
  BOOST_TEST(spider::credentials_of("http://a%40x:b%3Ac@h/") == "a@x:b:c");
  BOOST_TEST(spider::credentials_of("http://a@h/") == "a:");
  BOOST_TEST(spider::credentials_of("http://@h/") == "");
  BOOST_TEST(spider::credentials_of("http://h/a@b") == "");
}

BOOST_AUTO_TEST_CASE(added_hosts_are_on_the_site)
{
  spider::site site(base);
  BOOST_TEST(site.add_host("other:8080"));
  BOOST_CHECK(site.resolve(base, "http://other:8080/x").kind ==
              link_kind::on_site);
  BOOST_CHECK(site.resolve(base, "http://other/x").kind == link_kind::off_site);
  for (const char* host : {"", "a/b", "a:0", "http://a", "u@a", "a?b"})
    BOOST_TEST(!site.add_host(host), host);
}

BOOST_AUTO_TEST_CASE(base_is_resolved_or_ignored)
{
  BOOST_TEST(spider::resolve_base(base, "/x/").buffer() == "http://host/x/");
  BOOST_TEST(spider::resolve_base(base, "").buffer() == base.buffer());
  BOOST_TEST(spider::resolve_base(base, "http://[x").buffer() == base.buffer());
  BOOST_TEST(spider::resolve_base(base, "mailto:x").buffer() == base.buffer());
  BOOST_TEST(spider::resolve_base(base, "//h:x/y").buffer() == base.buffer());
}

BOOST_AUTO_TEST_SUITE_END()
