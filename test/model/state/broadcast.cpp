// SPDX-License-Identifier: BSL-1.0
#include "model/actions/broadcast.hpp"

#include <toro/detail/state/broadcast_state.hpp>
#include <toro/detail/state/claim.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>

#include "model/state/library.hpp"
#include "support/pool.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::broadcast_item;
using toro::detail::broadcast_state_base;
using toro::detail::broadcast_waiter;
using toro::detail::overflow_rule;
using toro::detail::returned_item;

struct numbered_item : broadcast_item
{
  std::size_t number = nothing;
  bool is_garbage = false;
};

struct plain_subscriber : toro::detail::subscriber
{
};

template <bool HasClaims>
class broadcast_library
  : public state_library<broadcast_state_base, broadcast_waiter>
{
  using base = state_library<broadcast_state_base, broadcast_waiter>;
  using base::state;

public:
  static constexpr bool has_claims = HasClaims;

  broadcast_library(broadcast_rule rule, std::size_t capacity,
                    std::size_t replay)
    : base(capacity, static_cast<overflow_rule>(rule), replay, true),
      replay_(replay),
      readers_{&subscribe(), &subscribe()}
  {
  }

  std::size_t put()
  {
    broadcast_item* item = &make_item();
    const std::size_t count = state.put(item).value_or(nothing);
    return count;
  }

  bool begin_put()
  {
    const bool begun = state.begin_put();
    begun_ += begun;
    return begun;
  }

  bool has_begun_put() const
  {
    return begun_ != 0;
  }

  void finish_put()
  {
    --begun_;
    broadcast_item* item = &make_item();
    state.finish_put(item);
  }

  void undo_put()
  {
    --begun_;
    state.undo_put();
  }

  void start_put(patience how_long, bool claims = false)
  {
    wait& w = this->add();
    w.has_claim = claims;
    w.item = &make_item();
    this->started(w, state.start_put(w, how_long != none));
  }

  void start_get(std::size_t k, patience how_long, bool claims = false)
  {
    wait& w = this->add();
    w.has_claim = claims;
    w.reader = readers_[k];
    w.record = &records_.add();
    this->started(w, state.start_get(w, how_long != none));
  }

  std::size_t try_get(std::size_t k)
  {
    return note_got(state.try_get(*readers_[k]));
  }

  std::size_t begin_get(std::size_t k)
  {
    broadcast_item* const item = state.try_get(*readers_[k]);
    if (!item)
      return nothing;
    copies_.push_back({readers_[k], item});
    return static_cast<numbered_item&>(*item).number;
  }

  void undo_get()
  {
    const copied c = copies_.front();
    copies_.erase(copies_.begin());
    returned_item* record = &records_.add();
    state.undo_get(*c.reader, *c.item, record);
  }

  std::size_t take_lost(std::size_t k)
  {
    return state.take_lost(*readers_[k]);
  }

  std::size_t skip(std::size_t k)
  {
    return state.skip_to_newest(*readers_[k]);
  }

  void resubscribe(std::size_t k)
  {
    state.end_subscription(*readers_[k]);
    readers_[k] = &subscribe();
  }

  std::size_t close()
  {
    return state.close();
  }

  // Another wait has the claim.
  void refuse()
  {
    toro::detail::claim others;
    others.take(0);
    wait& w = this->take_next();
    toro::detail::commit_by_claim(state, w, claimant{others, 1});
    this->told = {w.number, ending_of(w.how), 0};
  }

  void deliver()
  {
    wait* const w = this->deliver_next();
    if (w && w->reader)
      this->told.value = note_got(w->item);
  }

  void look(view& v)
  {
    v.add("of 1st", state.available(*readers_[0]));
    v.add("of 2nd", state.available(*readers_[1]));
    const auto f = state.figures();
    v.add("getters", f.getters);
    v.add("putters", f.putters);
    v.add("waiters", state.waiters());
    v.add("open", f.open);
  }

  // Once all subscriptions have ended, no more is kept than will be replayed,
  // and each item has been given up once.
  bool balances()
  {
    while (begun_ != 0)
      undo_put();
    for (const copied& c : copies_)
      note_got(c.item);
    for (plain_subscriber* s : readers_)
      state.end_subscription(*s);
    for (;;)
    {
      this->settle();
      if (this->under_way_count() == 0)
        break;
      deliver();
    }
    if (state.figures().items > replay_)
      return false;
    state.clear();
    auto garbage = state.take_garbage();
    while (!garbage.empty())
    {
      auto& item = static_cast<numbered_item&>(garbage.front());
      garbage.pop_front();
      if (item.is_garbage || item.put || item.readers != 0)
        return false;
      item.is_garbage = true;
    }
    return state.figures().items == 0 && !state.has_garbage();
  }

private:
  struct copied
  {
    plain_subscriber* reader;
    broadcast_item* item;
  };

  numbered_item& make_item()
  {
    numbered_item& item = items_.add();
    item.number = items_.size() - 1;
    return item;
  }

  plain_subscriber& subscribe()
  {
    plain_subscriber& s = subscribers_.add();
    state.subscribe(s);
    return s;
  }

  static std::size_t note_got(broadcast_item* item)
  {
    if (!item)
      return nothing;
    item->release(true);
    return static_cast<numbered_item&>(*item).number;
  }

  std::size_t replay_;
  pool<plain_subscriber> subscribers_;
  pool<numbered_item> items_;
  pool<returned_item> records_;
  row<copied> copies_;
  std::size_t begun_ = 0;
  plain_subscriber* readers_[2];
};

struct shape
{
  std::size_t capacity;
  std::size_t replay;
};

template <bool HasClaims>
void test_broadcast(const std::string& name, broadcast_rule rule)
{
  for (const shape s : {shape{1, 0}, shape{1, 1}, shape{2, 0}, shape{2, 1}})
    test_all_sequences<broadcast_machine<broadcast_library<HasClaims>>>(
        name + " of " + std::to_string(s.capacity) + ", replay " +
            std::to_string(s.replay),
        state_lengths(), rule, s.capacity, s.replay);
}

} // namespace

BOOST_AUTO_TEST_CASE(broadcast_state_follows_the_model)
{
  test_broadcast<false>("broadcast, drop_oldest", broadcast_rule::drop_oldest);
  test_broadcast<false>("broadcast, drop_newest", broadcast_rule::drop_newest);
  test_broadcast<false>("broadcast, wait", broadcast_rule::wait);
}

BOOST_AUTO_TEST_CASE(broadcast_state_with_claims_follows_the_model)
{
  test_broadcast<true>("broadcast with claims, drop_oldest",
                       broadcast_rule::drop_oldest);
  test_broadcast<true>("broadcast with claims, drop_newest",
                       broadcast_rule::drop_newest);
  test_broadcast<true>("broadcast with claims, wait", broadcast_rule::wait);
}
