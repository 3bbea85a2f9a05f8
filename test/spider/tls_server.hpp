// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SPIDER_TLS_SERVER_HPP
#define TORO_TEST_SPIDER_TLS_SERVER_HPP

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "raw_server.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace spider_test {

namespace ssl = asio::ssl;

template <auto Free>
struct freed_by
{
  template <class T>
  void operator()(T* object) const
  {
    Free(object);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;

// A certificate and its key, made when a test needs them.
struct identity
{
  key_ptr key{EVP_EC_gen("P-256")};
  x509_ptr certificate{X509_new()};

  std::string certificate_pem() const
  {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate.get());
    return text_in(out);
  }

  std::string key_pem() const
  {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                             nullptr);
    return text_in(out);
  }

private:
  static std::string text_in(const bio_ptr& out)
  {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

struct certificate_terms
{
  std::string name{};              // such as "IP:127.0.0.1"; empty: an issuer's
  long valid_from = -24 * 60 * 60; // seconds from now
  long valid_until = 24 * 60 * 60;
};

// Signed by itself if there is no issuer.
inline identity make_identity(const certificate_terms& terms,
                              const identity* issuer = nullptr)
{
  identity made;
  X509* const certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer ? 2 : 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), terms.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), terms.valid_until);
  X509_set_pubkey(certificate, made.key.get());
  const std::string common_name = terms.name.empty() ? "issuer" : "server";
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(
      certificate,
      X509_get_subject_name(issuer ? issuer->certificate.get() : certificate));
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(
      nullptr, nullptr,
      terms.name.empty() ? NID_basic_constraints : NID_subject_alt_name,
      terms.name.empty() ? "critical,CA:TRUE" : terms.name.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, (issuer ? issuer->key : made.key).get(), EVP_sha256());
  return made;
}

// The certificate of an issuer in a file, which the destructor removes.
class certificate_file
{
public:
  explicit certificate_file(const identity& of)
    : name_((std::filesystem::temp_directory_path() /
             ("toro_spider_" + std::to_string(::getpid()) + ".pem"))
                .string())
  {
    std::ofstream(name_) << of.certificate_pem();
  }

  certificate_file(const certificate_file&) = delete;
  certificate_file& operator=(const certificate_file&) = delete;

  ~certificate_file()
  {
    std::filesystem::remove(name_);
  }

  const std::string& name() const
  {
    return name_;
  }

private:
  std::string name_;
};

// A server of its own thread, one answer for each connection.
class threaded_server
{
public:
  threaded_server(const threaded_server&) = delete;
  threaded_server& operator=(const threaded_server&) = delete;

  std::string authority() const
  {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  int connections() const
  {
    return connections_;
  }

protected:
  threaded_server() = default;

  ~threaded_server()
  {
    context_.stop();
    if (thread_.joinable())
      thread_.join();
  }

  template <class Serve>
  void begin(Serve serve)
  {
    co_spawn(context_, listen(std::move(serve)), asio::detached);
    thread_ = std::thread(
        [this]
        {
          context_.run();
        });
  }

private:
  template <class Serve>
  asio::awaitable<void> listen(Serve serve)
  {
    for (;;)
    {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      ++connections_;
      co_spawn(context_, serve(std::move(socket)), asio::detached);
    }
  }

  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_,
                          tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

// Answers all requests by way of TLS.
class tls_server : public threaded_server
{
public:
  tls_server(const identity& shown, std::string answer)
    : context_(ssl::context::tls_server),
      answer_(std::move(answer))
  {
    context_.use_certificate_chain(asio::buffer(shown.certificate_pem()));
    context_.use_private_key(asio::buffer(shown.key_pem()), ssl::context::pem);
    begin(
        [this](tcp::socket socket)
        {
          return serve(std::move(socket));
        });
  }

private:
  asio::awaitable<void> serve(tcp::socket socket)
  {
    ssl::stream<tcp::socket> stream(std::move(socket), context_);
    co_await stream.async_handshake(ssl::stream_base::server,
                                    asio::use_awaitable);
    std::string request;
    co_await asio::async_read_until(stream, asio::dynamic_buffer(request),
                                    "\r\n\r\n", asio::use_awaitable);
    co_await asio::async_write(stream, asio::buffer(answer_),
                               asio::use_awaitable);
  }

  ssl::context context_;
  std::string answer_;
};

// Closes each connection after the first octet.
class closing_server : public threaded_server
{
public:
  closing_server()
  {
    begin(
        [](tcp::socket socket)
        {
          return serve(std::move(socket));
        });
  }

private:
  static asio::awaitable<void> serve(tcp::socket socket)
  {
    char octet = 0;
    co_await socket.async_read_some(asio::buffer(&octet, 1),
                                    asio::use_awaitable);
  }
};

// Answers whatever it is sent by the same octets.
class talking_server : public threaded_server
{
public:
  explicit talking_server(std::string octets)
    : octets_(std::move(octets))
  {
    begin(
        [this](tcp::socket socket)
        {
          return serve(std::move(socket));
        });
  }

private:
  asio::awaitable<void> serve(tcp::socket socket) const
  {
    char received[4096];
    co_await socket.async_read_some(asio::buffer(received),
                                    asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(octets_),
                               asio::use_awaitable);
  }

  const std::string octets_;
};

// A proxy that makes tunnels, all of them to one server.
class tunnel_proxy : public threaded_server
{
public:
  explicit tunnel_proxy(const std::string& authority)
    : port_(authority.substr(authority.rfind(':') + 1))
  {
    begin(
        [this](tcp::socket socket)
        {
          return serve(std::move(socket));
        });
  }

  // The head of the last request.
  std::string head() const
  {
    const std::scoped_lock guard(mutex_);
    return head_;
  }

private:
  asio::awaitable<void> serve(tcp::socket client)
  {
    using asio::experimental::awaitable_operators::operator||;
    std::string head;
    co_await asio::async_read_until(client, asio::dynamic_buffer(head),
                                    "\r\n\r\n", asio::use_awaitable);
    {
      const std::scoped_lock guard(mutex_);
      head_ = head;
    }
    tcp::socket server(client.get_executor());
    co_await server.async_connect(
        tcp::endpoint(asio::ip::address_v4::loopback(),
                      static_cast<unsigned short>(std::stoi(port_))),
        asio::use_awaitable);
    const std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    co_await asio::async_write(client, asio::buffer(answer),
                               asio::use_awaitable);
    co_await (pass_on(client, server) || pass_on(server, client));
  }

  static asio::awaitable<void> pass_on(tcp::socket& from, tcp::socket& to)
  {
    char octets[4096];
    for (;;)
    {
      const auto [end, size] = co_await from.async_read_some(
          asio::buffer(octets), asio::as_tuple(asio::use_awaitable));
      if (end)
        co_return;
      co_await asio::async_write(to, asio::buffer(octets, size),
                                 asio::use_awaitable);
    }
  }

  const std::string port_;
  mutable std::mutex mutex_; // guards head_
  std::string head_;
};

} // namespace spider_test

#endif // TORO_TEST_SPIDER_TLS_SERVER_HPP
