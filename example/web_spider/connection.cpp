// SPDX-License-Identifier: BSL-1.0

#include "connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace spider {

namespace {

class tcp_connection final : public connection
{
public:
  explicit tcp_connection(boost::beast::tcp_stream stream)
    : stream_(std::move(stream))
  {
  }

  boost::beast::tcp_stream& tcp() override
  {
    return stream_;
  }

  asio::awaitable<read_result> read_some(asio::mutable_buffer into) override
  {
    const auto result = co_await stream_.async_read_some(
        into, asio::as_tuple(asio::use_awaitable));
    co_return result;
  }

  asio::awaitable<boost::system::error_code>
  write(asio::const_buffer all) override
  {
    const auto [error, size] = co_await asio::async_write(
        stream_, all, asio::as_tuple(asio::use_awaitable));
    co_return error;
  }

private:
  boost::beast::tcp_stream stream_;
};

} // namespace

std::unique_ptr<connection> make_connection(boost::beast::tcp_stream stream)
{
  return std::make_unique<tcp_connection>(std::move(stream));
}

} // namespace spider
