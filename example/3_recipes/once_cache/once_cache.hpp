// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_ONCE_CACHE_HPP
#define TORO_EXAMPLE_RECIPES_ONCE_CACHE_HPP

#include <toro/async_result.hpp>
#include <toro/cancellation_source.hpp>
#include <toro/deadline.hpp>
#include <toro/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/key.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace recipes {

namespace asio = boost::asio;

/// A cache that fetches a key once, however many calls ask for it meanwhile.
/**
 * A fetch belongs to no call: it goes on if the calls that wait for it have
 * ended. If a fetch fails, all calls that wait get its exception, and the next
 * call starts another fetch. Any thread may use the cache. It has to outlive
 * its fetches, which close() ends.
 */
template <class Value>
class once_cache
{
public:
  using value_pointer = std::shared_ptr<const Value>;

  /// Gets the value of a key. It has to have a time limit of its own.
  using fetch_function = std::function<asio::awaitable<Value>(std::string)>;

  once_cache(asio::any_io_executor ex, std::size_t max_entries,
             std::chrono::milliseconds lifetime, fetch_function fetch)
    : executor_(std::move(ex)),
      max_entries_(max_entries),
      lifetime_(lifetime),
      fetch_(std::move(fetch)),
      closed_(executor_)
  {
    closed_.set_name("cache closed");
  }

  /// Get the value of a key, if it is there before the deadline.
  /** Throws @c boost::system::system_error with @c timed_out, or with
   * @c operation_aborted if it was cancelled or the cache closed; otherwise
   * what the fetch threw, the same exception for all calls that wait. */
  asio::awaitable<value_pointer> get(std::string key, toro::deadline limit)
  {
    const result_pointer result = find_or_fetch(std::move(key));
    // Cancelled with the fetch, which may not even have begun.
    auto [ec, value] = co_await result->async_get(
        limit,
        toro::bind_cancellation(closed_, asio::as_tuple(asio::use_awaitable)));
    if (ec == toro::error::failed)
      std::rethrow_exception(result->exception());
    if (ec)
      throw boost::system::system_error(ec);
    co_return value;
  }

  /// End the fetches that are under way.
  void close()
  {
    closed_.cancel();
  }

private:
  using result_type = toro::async_result<value_pointer>;
  using result_pointer = std::shared_ptr<result_type>;
  using clock = std::chrono::steady_clock;

  struct entry
  {
    std::string key;
    result_pointer value;
    clock::time_point expiry;
  };

  // The sequence is in the order of age, and so of expiry.
  using entry_table = boost::multi_index_container<
      entry,
      boost::multi_index::indexed_by<boost::multi_index::hashed_unique<
                                         boost::multi_index::key<&entry::key>>,
                                     boost::multi_index::sequenced<>>>;

  result_pointer find_or_fetch(std::string key)
  {
    const auto now = clock::now();
    result_pointer value;
    {
      const std::lock_guard lock(mutex_);
      drop_expired(now);
      if (const auto found = entries_.find(key); found != entries_.end())
        return found->value;
      value = std::make_shared<result_type>(executor_);
      value->set_name(key);
      entries_.insert({key, value, now + lifetime_});
      if (entries_.size() > max_entries_)
        entries_.template get<1>().pop_front();
    }
    // On a strand, because a coroutine may not run while it is cancelled.
    asio::co_spawn(asio::make_strand(executor_), fetch(std::move(key), value),
                   toro::bind_cancellation(closed_, asio::detached));
    return value;
  }

  asio::awaitable<void> fetch(std::string key, result_pointer value)
  {
    std::exception_ptr failure;
    try
    {
      Value fetched = co_await fetch_(key);
      value->set(std::make_shared<const Value>(std::move(fetched)));
      co_return;
    }
    catch (...)
    {
      failure = std::current_exception();
    }
    // Order: a call that gets the failure may ask again at once.
    forget(key, value);
    value->set_exception(failure);
  }

  void forget(const std::string& key, const result_pointer& value)
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->value == value)
      entries_.erase(found);
  }

  void drop_expired(clock::time_point now)
  {
    auto& by_age = entries_.template get<1>();
    while (!by_age.empty() && by_age.front().expiry <= now)
      by_age.pop_front();
  }

  asio::any_io_executor executor_;
  std::size_t max_entries_;
  std::chrono::milliseconds lifetime_;
  fetch_function fetch_;
  toro::cancellation_source closed_;
  std::mutex mutex_; // for the entries; never held across a co_await
  entry_table entries_;
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_ONCE_CACHE_HPP
