// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <stdexcept>
#include <utility>

#include "connection.hpp"

namespace spider {

namespace {

namespace ssl = asio::ssl;
using boost::system::error_code;
using tls_stream = ssl::stream<boost::beast::tcp_stream>;

class tls_connection final : public connection
{
public:
  tls_connection(boost::beast::tcp_stream stream, ssl::context& context)
    : stream_(std::move(stream), context)
  {
  }

  tls_stream& tls()
  {
    return stream_;
  }

  boost::beast::tcp_stream& tcp() override
  {
    return stream_.next_layer();
  }

  // Many servers close the connection without a word; whether the answer is
  // whole, HTTP tells.
  asio::awaitable<read_result> read_some(asio::mutable_buffer into) override
  {
    auto [error, size] = co_await stream_.async_read_some(
        into, asio::as_tuple(asio::use_awaitable));
    if (error == ssl::error::stream_truncated)
      error = asio::error::eof;
    co_return read_result(error, size);
  }

  asio::awaitable<error_code> write(asio::const_buffer all) override
  {
    const auto [error, size] = co_await asio::async_write(
        stream_, all, asio::as_tuple(asio::use_awaitable));
    co_return error;
  }

private:
  tls_stream stream_;
};

bool is_address(const std::string& host)
{
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// A certificate for another name is refused by OpenSSL itself, so that it can
// say so. Server names are sent to the server; addresses must not be.
void expect(tls_stream& stream, const std::string& host)
{
  SSL* const handle = stream.native_handle();
  if (is_address(host))
  {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str());
    return;
  }
  SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(handle, host.c_str());
  SSL_set_tlsext_host_name(handle, host.c_str());
}

std::string described(tls_stream& stream, const error_code& error,
                      const std::string& host)
{
  const long result = SSL_get_verify_result(stream.native_handle());
  const bool is_other_name = result == X509_V_ERR_HOSTNAME_MISMATCH ||
                             result == X509_V_ERR_IP_ADDRESS_MISMATCH;
  if (is_other_name)
    return "the certificate is for another name than " + host;
  if (result != X509_V_OK)
    return std::string("the certificate is not accepted: ") +
           X509_verify_cert_error_string(result);
  if (error == asio::error::eof || error == ssl::error::stream_truncated)
    return "the server closed the connection in the handshake";
  return {};
}

class openssl_settings final : public tls_settings
{
public:
  explicit openssl_settings(const tls_options& options)
    : context_(ssl::context::tls_client),
      is_insecure_(options.is_insecure)
  {
    context_.set_options(ssl::context::default_workarounds |
                         ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                         ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    error_code error;
    if (options.ca_file.empty())
      context_.set_default_verify_paths(error);
    else
      context_.load_verify_file(options.ca_file, error);
    if (error && !options.ca_file.empty())
      throw std::runtime_error("cannot read certificates from " +
                               options.ca_file + ": " + error.message());
    context_.set_verify_mode(is_insecure_ ? ssl::verify_none
                                          : ssl::verify_peer);
  }

  asio::awaitable<
      std::tuple<error_code, std::string, std::unique_ptr<connection>>>
  handshake(boost::beast::tcp_stream stream, const std::string& host) override
  {
    auto begun = std::make_unique<tls_connection>(std::move(stream), context_);
    expect(begun->tls(), host);
    const auto [error] = co_await begun->tls().async_handshake(
        ssl::stream_base::client, asio::as_tuple(asio::use_awaitable));
    std::string text;
    if (error)
    {
      text = described(begun->tls(), error, host);
      begun.reset();
    }
    co_return std::make_tuple(error, std::move(text),
                              std::unique_ptr<connection>(std::move(begun)));
  }

private:
  ssl::context context_;
  const bool is_insecure_;
};

} // namespace

bool has_tls()
{
  return true;
}

std::shared_ptr<tls_settings> make_tls_settings(const tls_options& options)
{
  return std::make_shared<openssl_settings>(options);
}

} // namespace spider
