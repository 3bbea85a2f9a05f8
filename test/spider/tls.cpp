// SPDX-License-Identifier: BSL-1.0

// Crawls by way of TLS, of servers that can be trusted and of others.

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include "crawl_fixture.hpp"
#include "tls_server.hpp"

namespace {

using namespace spider_test;

const std::string home = html("<a href=/1><p>").octets;

struct trusted_issuer
{
  identity issuer = make_identity({});
  certificate_file file{issuer};

  spider::crawl_options options(bool is_insecure = false) const
  {
    auto chosen = without_robots();
    chosen.tls = spider::make_tls_settings({is_insecure, file.name()});
    return chosen;
  }

  // The problem of the first page.
  std::string problem_of(const threaded_server& server,
                         bool is_insecure = false) const
  {
    crawl all("https://" + server.authority() + '/', options(is_insecure));
    return all.run().problem("/");
  }
};

const certificate_terms good{"IP:127.0.0.1"};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls, trusted_issuer)

BOOST_AUTO_TEST_CASE(a_site_of_https_is_crawled)
{
  const tls_server server(make_identity(good, &issuer), home);
  crawl all("https://" + server.authority() + '/', options());
  all.run();
  BOOST_TEST(all.problem("/") == "");
  BOOST_TEST(all.visit("/1").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_certificate_that_has_expired_is_not_accepted)
{
  const tls_server server(
      make_identity({"IP:127.0.0.1", -3600, -1800}, &issuer), home);
  BOOST_TEST(problem_of(server) == "TLS handshake failed: the certificate is "
                                   "not accepted: certificate has expired");
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_yet_valid_is_not_accepted)
{
  const tls_server server(make_identity({"IP:127.0.0.1", 3600, 7200}, &issuer),
                          home);
  BOOST_TEST(problem_of(server) ==
             "TLS handshake failed: the certificate is "
             "not accepted: certificate is not yet valid");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_name_is_not_accepted)
{
  for (const char* name : {"IP:127.0.0.2", "DNS:127.0.0.1", "DNS:localhost"})
  {
    const tls_server server(make_identity({name}, &issuer), home);
    BOOST_TEST(problem_of(server) == "TLS handshake failed: the certificate is "
                                     "for another name than 127.0.0.1");
  }
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_signed_by_itself_is_not_accepted)
{
  const tls_server server(make_identity(good), home);
  BOOST_TEST(problem_of(server).starts_with(
      "TLS handshake failed: the certificate is not accepted: self"));
  const identity other = make_identity({});
  const tls_server unknown(make_identity(good, &other), home);
  BOOST_TEST(problem_of(unknown).starts_with(
      "TLS handshake failed: the certificate is not accepted: "));
}

BOOST_AUTO_TEST_CASE(any_certificate_is_accepted_if_the_user_wants_it)
{
  const bool is_insecure = true;
  const tls_server self_signed(make_identity(good), home);
  BOOST_TEST(problem_of(self_signed, is_insecure) == "");
  const tls_server expired(make_identity({"DNS:x", -3600, -1800}, &issuer),
                           home);
  BOOST_TEST(problem_of(expired, is_insecure) == "");
}

BOOST_AUTO_TEST_CASE(a_server_that_closes_in_the_handshake_is_called_so)
{
  const closing_server server;
  const auto problem = problem_of(server);
  BOOST_TEST((problem == "TLS handshake failed: the server closed the "
                         "connection in the handshake" ||
              problem == "TLS handshake failed: Connection reset by peer"));
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_in_the_handshake_times_out)
{
  const raw_server plain( // waits for the end of a request
      [](const std::string&, int)
      {
        return html("");
      });
  auto chosen = options();
  chosen.connect_timeout = std::chrono::milliseconds(200);
  crawl all("https://" + plain.authority() + '/', chosen);
  BOOST_TEST(all.run().problem("/").ends_with(" timed out"));
}

BOOST_AUTO_TEST_CASE(a_server_that_knows_no_tls_is_called_so)
{
  const talking_server plain("HTTP/1.1 400 Bad Request\r\n\r\n");
  BOOST_TEST(problem_of(plain).starts_with("TLS handshake failed: "));
  // An alert of TLS: the server refuses.
  const talking_server refusing(std::string("\x15\x03\x01\0\x02\x02\x28", 7));
  BOOST_TEST(problem_of(refusing).starts_with("TLS handshake failed: "));
}

BOOST_AUTO_TEST_CASE(a_redirect_from_https_to_http_is_noted)
{
  const raw_server plain(
      [](const std::string&, int)
      {
        return html("");
      });
  const std::string target = "http://" + plain.authority() + "/2";
  const tls_server server(
      make_identity(good, &issuer),
      answer_of("302 Found", "Location: " + target + "\r\n", ""));
  auto chosen = options();
  chosen.with_external = true;
  chosen.headers = {{"Cookie", "secret=1"}};
  crawl all("https://" + server.authority() + '/', chosen);
  all.run();
  BOOST_TEST(all.visit("/").notice ==
             "it redirects from https to http, without protection");
  BOOST_TEST(plain.requests_for("/2") == 1);
  BOOST_TEST(plain.request_for("/2").find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(https_goes_through_a_tunnel_of_the_proxy)
{
  const tls_server server(make_identity({"DNS:site.invalid"}, &issuer), home);
  const tunnel_proxy proxy(server.authority());
  auto chosen = options();
  const std::string url = "http://user:pw@" + proxy.authority();
  chosen.by_way_of = spider::proxies(
      [&url](const char* name)
      {
        return std::string(name) == "https_proxy" ? url.c_str() : nullptr;
      });
  crawl all("https://site.invalid/", chosen);
  all.run();
  BOOST_TEST(all.problem("/") == "");
  BOOST_TEST(all.visit("/1").status == 200u);
  BOOST_TEST(proxy.head().starts_with("CONNECT site.invalid:443 HTTP/1.1\r\n"));
  BOOST_TEST(proxy.head().find("Proxy-Authorization: Basic dXNlcjpwdw==\r\n") !=
             std::string::npos);
  // The certificate is that of the server, whatever the proxy is called.
  crawl other("https://other.invalid/", chosen);
  BOOST_TEST(other.run().problem("/") ==
             "TLS handshake failed: the certificate is for another name than "
             "other.invalid");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_refuses_a_tunnel_is_quoted)
{
  const raw_server proxy(
      [](const std::string&, int)
      {
        return raw_answer{
            answer_of("407 Proxy Authentication Required", "", "who are you?")};
      });
  auto chosen = options();
  const std::string url = proxy.authority();
  chosen.by_way_of = spider::proxies(
      [&url](const char* name)
      {
        return std::string(name) == "HTTPS_PROXY" ? url.c_str() : nullptr;
      });
  crawl all("https://site.invalid/", chosen);
  BOOST_TEST(all.run().problem("/") ==
             "connect through the proxy failed: it answered 407 Proxy "
             "Authentication Required");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_no_proxy_is_called_so)
{
  for (const char* answer : {"", "no HTTP\r\n\r\n"})
  {
    const talking_server proxy(answer);
    auto chosen = options();
    const std::string url = proxy.authority();
    chosen.by_way_of = spider::proxies(
        [&url](const char* name)
        {
          return std::string(name) == "https_proxy" ? url.c_str() : nullptr;
        });
    crawl all("https://site.invalid/", chosen);
    BOOST_TEST(all.run().problem("/").starts_with(
                   "connect through the proxy failed: "),
               answer);
  }
}

BOOST_AUTO_TEST_CASE(a_file_without_certificates_is_refused)
{
  BOOST_CHECK_THROW(spider::make_tls_settings({false, "/nowhere.pem"}),
                    std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
