// SPDX-License-Identifier: BSL-1.0
#include <toro/broadcast.hpp>
#include <toro/error.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "robustness/fuzz/journal.hpp"
#include "robustness/fuzz/subject.hpp"

namespace toro_test {

namespace {

// An item whose copy throws now and then. The handler that was to get the copy
// is dropped then.
class message
{
public:
  message() = default;

  message(surroundings& around, std::size_t& alive, std::size_t number)
    : around_(&around),
      alive_(&alive),
      number_(number)
  {
    ++*alive_;
  }

  message(const message& other)
    : around_(other.around_),
      alive_(other.alive_),
      number_(other.number_)
  {
    if (!around_)
      return;
    if (around_->in.below(16) == 1)
    {
      around_->all.may_drop = true;
      throw user_exception();
    }
    ++*alive_;
  }

  message(message&& other) noexcept
    : around_(std::exchange(other.around_, nullptr)),
      alive_(std::exchange(other.alive_, nullptr)),
      number_(other.number_)
  {
  }

  message& operator=(const message&) = delete;

  ~message()
  {
    if (alive_)
      --*alive_;
  }

  explicit operator bool() const
  {
    return alive_ != nullptr;
  }

  std::size_t number() const
  {
    return number_;
  }

private:
  surroundings* around_ = nullptr;
  std::size_t* alive_ = nullptr;
  std::size_t number_ = 0;
};

// What became of a put.
enum class fate
{
  offered,
  entered,
  refused
};

// Implementation notes
//
// What a subscription is owed: all that entered since it began, and what was
// replayed to it. When no operation is under way, each of these was got, lost
// or skipped, or is there still. A put that may wait enters at an unknown time,
// so a subscription that begins during one is only asked for order and for
// items that come twice.
template <class Threading>
class broadcast_subject
  : public subject_of<toro::basic_broadcast<message, any_executor, Threading>>
{
  using broadcast_type =
      toro::basic_broadcast<message, any_executor, Threading>;
  using subscription = typename broadcast_type::subscription_type;
  using base = subject_of<broadcast_type>;

public:
  broadcast_subject(surroundings& around, std::size_t capacity,
                    toro::overflow when_full, std::size_t replay)
    : base(around, capacity, when_full, replay),
      capacity_(capacity),
      when_full_(when_full),
      replay_(replay)
  {
  }

  void act() override
  {
    act_on_any();
    check();
  }

  void destroy() override
  {
    base::destroy();
    for (const listener_pointer& l : listeners_)
      l->is_known = false;
  }

  void settle() override
  {
    if (!this->is_there())
      return;
    check();
    const broadcast_type& it = this->object();
    require(open_ || it.waiters() == 0, "a wait is left in a closed broadcast");
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    require(this->object().waiters() == 0, "a wait is left");
    check();
    for (const listener_pointer& l : listeners_)
    {
      while (l->it->size() != 0)
        try_get(*l);
      try_get(*l);
    }
    check();
    require(this->object().size() <= replay_, "items are kept for nobody");
  }

  void outlive() override
  {
    for (const listener_pointer& l : listeners_)
    {
      l->is_known = false;
      try_get(*l);
      l->it->skip_to_newest();
      l->it->lost();
    }
    listeners_.clear();
  }

private:
  // A subscription, and what it has told.
  struct listener
  {
    explicit listener(subscription its)
      : it(std::move(its))
    {
    }

    std::optional<subscription> it;
    std::vector<bool> got;
    std::size_t count = 0;
    std::size_t given_up = 0;

    // How many items it was owed when this many had entered.
    std::size_t replayed = 0;
    std::size_t entered_before = 0;
    bool is_known = true;
  };

  using listener_pointer = std::shared_ptr<listener>;

  bool may_wait() const
  {
    return when_full_ == toro::overflow::wait;
  }

  void act_on_any()
  {
    const std::size_t what = this->in_.below(16);
    if (what < 8)
      return act_on_subscription(what);
    if (!this->is_there())
      return;
    switch (what)
    {
    case 8:
      return subscribe();
    case 9:
      return close();
    case 10:
      return try_put();
    case 11:
    case 12:
      return put();
    default:
      return async_put();
    }
  }

  void act_on_subscription(std::size_t what)
  {
    if (listeners_.empty())
      return;
    const std::size_t which = this->in_.below(listeners_.size());
    listener& l = *listeners_[which];
    switch (what)
    {
    case 0:
      if (this->in_.below(4) == 1)
      {
        l.it.reset();
        listeners_.erase(listeners_.begin() +
                         static_cast<std::ptrdiff_t>(which));
      }
      return;
    case 1:
      return move_one(l);
    case 2:
      return note_lost(l);
    case 3:
      return skip(l);
    case 4:
      return try_get_several(l);
    default:
      return get(listeners_[which]);
    }
  }

  // What holds at any time, and what holds when no operation is under way.
  void check()
  {
    for (const listener_pointer& l : listeners_)
      require(l->it->size() <= capacity_, "more is kept than the capacity");
    if (!this->is_there())
      return;
    const broadcast_type& it = this->object();
    require(it.is_open() == open_, "a broadcast was closed or opened");
    require(it.subscriptions() == listeners_.size(), "a subscription is lost");
    require(it.putters() == 0 || most_available() == capacity_,
            "a put waits beside room");
    require(it.getters() == 0 || least_available() == 0,
            "a get waits beside items");
    if (!this->is_quiet())
      return;
    require(it.waiters() == 0, "a wait is left");
    require_kept();
    for (const listener_pointer& l : listeners_)
    {
      note_lost(*l);
      require(!l->is_known || l->replayed + entered_ - l->entered_before ==
                                  l->count + l->given_up + l->it->size(),
              "a subscription has lost items, or got too many");
    }
  }

  // An item that was returned to a subscription need not be stored for others.
  void require_kept()
  {
    std::size_t most = this->object().size();
    require(alive_ >= most, "an item is not there any more");
    for (const listener_pointer& l : listeners_)
      most += l->it->size();
    require(alive_ <= most, "an item is kept for nobody");
  }

  std::size_t most_available() const
  {
    std::size_t most = 0;
    for (const listener_pointer& l : listeners_)
      most = std::max(most, l->it->size());
    return most;
  }

  std::size_t least_available() const
  {
    std::size_t least = capacity_;
    for (const listener_pointer& l : listeners_)
      least = std::min(least, l->it->size());
    return least;
  }

  // Without the rule to wait, this is known at any time.
  bool has_room() const
  {
    return when_full_ == toro::overflow::drop_oldest ||
           most_available() < capacity_;
  }

  void subscribe()
  {
    if (listeners_.size() == 3)
      return;
    auto l = std::make_shared<listener>(this->object().subscribe());
    l->replayed = l->it->size();
    l->entered_before = entered_;
    l->is_known = !may_wait() || this->is_quiet();
    require(l->replayed <= replay_, "more is replayed than was to be");
    listeners_.push_back(std::move(l));
  }

  void close()
  {
    if (this->in_.below(8) != 1)
      return;
    this->object().close();
    open_ = false;
  }

  message make()
  {
    fates_.push_back(fate::offered);
    return message(this->around_, alive_, fates_.size() - 1);
  }

  void note_put(std::size_t number, bool has_entered)
  {
    require(fates_[number] == fate::offered, "a put ended twice");
    fates_[number] = has_entered ? fate::entered : fate::refused;
    entered_ += has_entered;
    for (const listener_pointer& l : listeners_)
      require(has_entered || !has(*l, number), "an item came that was refused");
  }

  void put()
  {
    if (may_wait())
      return;
    const bool fits = has_room();
    message m = make();
    const std::size_t number = m.number();
    error_code ec;
    const std::size_t takers = this->object().put(std::move(m), ec);
    require(!ec == open_, "a broadcast was closed or opened");
    require(takers == (open_ && fits ? listeners_.size() : 0),
            "not the right number of subscriptions took an item");
    note_put(number, open_ && fits);
  }

  void try_put()
  {
    const bool is_known = !may_wait() || this->is_quiet();
    const bool fits = has_room();
    message m = make();
    const std::size_t number = m.number();
    const bool taken = this->object().try_put(std::move(m));
    require(taken == !m, "an item is neither here nor there");
    require(!is_known || taken == (open_ && fits),
            "room is not as it should be");
    require(!taken || open_, "a closed broadcast took an item");
    note_put(number, taken);
  }

  // Where a put does not wait, its item enters at once or not at all.
  void async_put()
  {
    const bool enters = open_ && has_room();
    message m = make();
    const std::size_t number = m.number();
    if (!may_wait())
      note_put(number, enters);
    this->begin_plainly(
        [&](auto&&... how)
        {
          this->object().async_put(std::move(m),
                                   std::forward<decltype(how)>(how)...);
        },
        [this, number, was_open = open_](error_code ec)
        {
          require(ec != toro::error::closed || !open_,
                  "an open broadcast is closed");
          if (may_wait())
            note_put(number, !ec);
          else
            require(!ec == was_open, "a put failed that does not wait");
        });
  }

  void move_one(listener& l)
  {
    subscription moved = std::move(*l.it);
    l.it = std::move(moved);
  }

  void note_lost(listener& l)
  {
    l.given_up += l.it->lost();
  }

  void skip(listener& l)
  {
    const std::size_t before = l.it->size();
    const std::size_t count = l.it->skip_to_newest();
    require(may_wait() || l.it->size() <= 1, "more is left than the newest");
    // This may admit puts that wait.
    require(may_wait() || count + l.it->size() == before,
            "not as many were skipped");
    l.given_up += count;
    // A put may withdraw an item that was skipped.
    if (may_wait() && !this->is_quiet())
      l.is_known = false;
  }

  bool has(const listener& l, std::size_t number) const
  {
    return number < l.got.size() && l.got[number];
  }

  void note_get(listener& l, const message& m)
  {
    require(!has(l, m.number()), "an item came twice");
    require(fates_[m.number()] != fate::refused,
            "an item came that was refused");
    if (l.got.size() <= m.number())
      l.got.resize(m.number() + 1);
    l.got[m.number()] = true;
    ++l.count;
  }

  std::optional<message> try_get(listener& l)
  {
    const std::size_t before = l.it->size();
    try
    {
      std::optional<message> m = l.it->try_get();
      require(m.has_value() == (before != 0), "an item is not there");
      if (m)
        note_get(l, *m);
      return m;
    }
    catch (const user_exception&)
    {
      return std::nullopt;
    }
  }

  // They come in the order in which they were put.
  void try_get_several(listener& l)
  {
    std::optional<message> last;
    for (std::size_t n = this->in_.below(4); n != 0; --n)
    {
      std::optional<message> m = try_get(l);
      require(!m || !last || last->number() < m->number(),
              "items are out of order");
      if (m)
        last.emplace(std::move(*m));
    }
  }

  void get(const listener_pointer& l)
  {
    this->begin(
        [&](auto&&... how)
        {
          l->it->async_get(std::forward<decltype(how)>(how)...);
        },
        [this, l](error_code ec, message m)
        {
          require(!ec == static_cast<bool>(m),
                  "success is an item, an error none");
          require(ec != toro::error::closed || !open_,
                  "an open broadcast is closed");
          if (m)
            note_get(*l, m);
        });
  }

  const std::size_t capacity_;
  const toro::overflow when_full_;
  const std::size_t replay_;
  bool open_ = true;
  std::size_t alive_ = 0;
  std::size_t entered_ = 0;
  std::vector<fate> fates_;
  std::vector<listener_pointer> listeners_;
};

template <class Threading>
subject_pointer make(surroundings& around)
{
  constexpr toro::overflow rules[] = {toro::overflow::drop_oldest,
                                      toro::overflow::drop_newest,
                                      toro::overflow::wait};
  const std::size_t capacity = around.in.below(3) + 1;
  const toro::overflow when_full = rules[around.in.below(3)];
  const std::size_t replay = around.in.below(capacity + 1);
  return std::make_unique<broadcast_subject<Threading>>(around, capacity,
                                                        when_full, replay);
}

} // namespace

subject_pointer make_broadcast(bool shared, surroundings& around)
{
  return shared ? make<toro::thread_safe>(around)
                : make<toro::strand_bound>(around);
}

} // namespace toro_test
