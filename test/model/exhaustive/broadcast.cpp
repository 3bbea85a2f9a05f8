// SPDX-License-Identifier: BSL-1.0
#include "model/actions/broadcast.hpp"

#include <toro/broadcast.hpp>
#include <toro/threading.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;

// A number that is not the default with which handlers get an error.
struct item
{
  explicit operator bool() const
  {
    return number != nothing;
  }

  std::size_t number = nothing;
};

template <class Threading>
class broadcast_library
  : public public_library<broadcast_library<Threading>,
                          toro::basic_broadcast<item, step_executor, Threading>>
{
  using primitive = toro::basic_broadcast<item, step_executor, Threading>;

public:
  static constexpr bool has_claims = false;

  broadcast_library(broadcast_rule rule, std::size_t capacity,
                    std::size_t replay)
    : rule_(rule),
      capacity_(capacity),
      replay_(replay)
  {
    this->make_object();
    for (auto& reader : readers_)
      reader.emplace(this->object().subscribe());
  }

  primitive make()
  {
    return primitive(this->executor(), capacity_,
                     static_cast<toro::overflow>(rule_), replay_);
  }

  std::size_t put()
  {
    error_code ec;
    return count_of(this->object().put(next_item(), ec), ec);
  }

  bool try_put()
  {
    return this->object().try_put(next_item());
  }

  void start_put(patience how_long)
  {
    const item i = next_item();
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_put(
                      i, std::forward<decltype(args)>(args)...);
                });
  }

  void start_get(std::size_t k, patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  readers_[k]->async_get(std::forward<decltype(args)>(args)...);
                });
  }

  std::size_t try_get(std::size_t k)
  {
    return readers_[k]->try_get().value_or(item()).number;
  }

  std::size_t take_lost(std::size_t k)
  {
    return readers_[k]->lost();
  }

  std::size_t skip(std::size_t k)
  {
    return readers_[k]->skip_to_newest();
  }

  // The old one ends before the new one begins.
  void resubscribe(std::size_t k)
  {
    readers_[k].reset();
    readers_[k].emplace(this->object().subscribe());
  }

  std::size_t close()
  {
    return this->object().close();
  }

  void look(view& v) const
  {
    v.add("of 1st", readers_[0]->size());
    v.add("of 2nd", readers_[1]->size());
    v.add("getters", this->object().getters());
    v.add("putters", this->object().putters());
    v.add("waiters", this->object().waiters());
    v.add("open", this->object().is_open());
  }

  using public_library<broadcast_library, primitive>::keep;

  static std::size_t keep(std::size_t, item i)
  {
    return i.number;
  }

private:
  item next_item()
  {
    return {items_++};
  }

  broadcast_rule rule_;
  std::size_t capacity_;
  std::size_t replay_;
  std::size_t items_ = 0;
  std::optional<typename primitive::subscription_type> readers_[2];
};

template <class Threading>
void test_broadcast(const std::string& name, broadcast_rule rule,
                    std::size_t capacity, std::size_t replay)
{
  test_all_sequences<broadcast_machine<broadcast_library<Threading>>>(
      name, public_lengths(), rule, capacity, replay);
}

} // namespace

BOOST_AUTO_TEST_CASE(broadcast_follows_the_model)
{
  test_broadcast<toro::thread_safe>("broadcast, drop_oldest",
                                    broadcast_rule::drop_oldest, 1, 0);
  test_broadcast<toro::strand_bound>("strand_bound broadcast, drop_oldest",
                                     broadcast_rule::drop_oldest, 2, 1);
  test_broadcast<toro::strand_bound>("strand_bound broadcast, drop_newest",
                                     broadcast_rule::drop_newest, 1, 1);
  test_broadcast<toro::thread_safe>("broadcast, wait", broadcast_rule::wait, 1,
                                    0);
  test_broadcast<toro::strand_bound>("strand_bound broadcast, wait",
                                     broadcast_rule::wait, 2, 1);
}
