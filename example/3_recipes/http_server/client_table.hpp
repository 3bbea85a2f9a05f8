// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_CLIENT_TABLE_HPP
#define TORO_EXAMPLE_RECIPES_CLIENT_TABLE_HPP

#include <toro/semaphore.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

namespace recipes {

/// A semaphore for each client that has a connection.
/** Not for several threads at once; the semaphores are. */
class client_table
{
public:
  client_table(boost::asio::any_io_executor ex, std::size_t permits)
    : executor_(std::move(ex)),
      permits_(permits)
  {
  }

  /// Find the client's semaphore, which lives as long as somebody has it.
  std::shared_ptr<toro::semaphore> find(const boost::asio::ip::address& client)
  {
    forget_the_gone();
    auto& entry = clients_[client];
    auto found = entry.lock();
    if (!found)
    {
      found = std::make_shared<toro::semaphore>(executor_, permits_);
      found->set_name("client " + client.to_string());
      entry = found;
    }
    return found;
  }

private:
  // At most half of the table is rubbish, at a constant cost per find().
  void forget_the_gone()
  {
    if (clients_.size() < next_size_)
      return;
    std::erase_if(clients_,
                  [](const auto& entry)
                  {
                    return entry.second.expired();
                  });
    next_size_ = 2 * clients_.size() + 16;
  }

  boost::asio::any_io_executor executor_;
  std::size_t permits_;
  std::map<boost::asio::ip::address, std::weak_ptr<toro::semaphore>> clients_;
  std::size_t next_size_ = 16;
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_CLIENT_TABLE_HPP
