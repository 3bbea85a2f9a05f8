// SPDX-License-Identifier: BSL-1.0
#include "model/actions/delay_queue.hpp"

#include <toro/delay_queue.hpp>
#include <toro/threading.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;

// Move-only; empty where a handler got an error.
using parcel = std::unique_ptr<std::size_t>;

template <class Primitive>
class delay_library : public public_library<delay_library<Primitive>, Primitive>
{
public:
  static constexpr bool moves_in_steps = false;

  delay_library()
  {
    this->make_object();
  }

  Primitive make()
  {
    return Primitive(this->executor());
  }

  // A put that fails leaves the item alone.
  std::size_t put(std::size_t in_ticks)
  {
    const std::size_t number = times_left_.size();
    auto p = std::make_unique<std::size_t>(number);
    const toro::deadline due =
        in_ticks == endless
            ? toro::deadline()
            : toro::deadline(std::chrono::hours(
                  static_cast<std::chrono::hours::rep>(in_ticks)));
    error_code ec;
    const toro::delay_key key = this->object().put(std::move(p), due, ec);
    if (ec)
      return p && key == toro::delay_key() ? nothing : 0;
    times_left_.push_back(0);
    keys_.push_back(key);
    return number;
  }

  bool erase(std::size_t number)
  {
    if (number >= keys_.size() || !this->object().erase(keys_[number]))
      return false;
    ++times_left_[number];
    return true;
  }

  void start_get(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_get(
                      std::forward<decltype(args)>(args)...);
                });
  }

  std::size_t try_get()
  {
    const std::optional<parcel> p = this->object().try_get();
    return p ? note_got(**p) : nothing;
  }

  std::size_t close()
  {
    return this->object().close();
  }

  void look(view& v) const
  {
    v.add("size", this->object().size());
    v.add("waiters", this->object().waiters());
    v.add("open", this->object().is_open());
  }

  // Once the queue is emptied, each item has left it once.
  bool balances()
  {
    for (;;)
    {
      this->settle();
      if (this->under_way_count() != 0)
        this->deliver();
      else if (try_get() == nothing)
        break;
    }
    for (std::size_t number = 0; number != keys_.size(); ++number)
    {
      erase(number);
      if (times_left_[number] != 1)
        return false;
    }
    return this->object().empty();
  }

  std::size_t keep(std::size_t, parcel p)
  {
    return note_got(*p);
  }

private:
  std::size_t note_got(std::size_t number)
  {
    ++times_left_[number];
    return number;
  }

  row<std::size_t> times_left_;
  row<toro::delay_key> keys_;
};

template <class Threading>
using parcels = toro::basic_delay_queue<parcel, step_executor, Threading>;

} // namespace

BOOST_AUTO_TEST_CASE(delay_queue_follows_the_model)
{
  test_all_sequences<delay_machine<delay_library<parcels<toro::thread_safe>>>>(
      "delay_queue", public_lengths());
  test_all_sequences<delay_machine<delay_library<parcels<toro::strand_bound>>>>(
      "strand_bound delay_queue", public_lengths());
}
