// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FUZZ_QUEUE_SUBJECT_HPP
#define TORO_TEST_ROBUSTNESS_FUZZ_QUEUE_SUBJECT_HPP

#include <toro/error.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "robustness/fuzz/ledgers.hpp"
#include "robustness/fuzz/subject.hpp"

namespace toro_test {

using item = item_ledger::item;

// Takes items into a vector, and throws now and then.
class item_output
{
public:
  using difference_type = std::ptrdiff_t;

  item_output(choices& in, std::vector<item>& items)
    : in_(&in),
      items_(&items)
  {
  }

  item_output& operator*()
  {
    return *this;
  }

  item_output& operator++()
  {
    return *this;
  }

  item_output operator++(int)
  {
    return *this;
  }

  item_output& operator=(item&& from)
  {
    if (in_->below(16) == 1)
      throw user_exception();
    items_->push_back(std::move(from));
    return *this;
  }

private:
  choices* in_;
  std::vector<item>* items_;
};

// The rules that most kinds of queues have.
struct usual_rules
{
  static constexpr std::size_t largest_bound = 2;
  static constexpr bool is_compared = false;
  static constexpr bool is_weighted = false;

  static std::size_t weight_of(int)
  {
    return 1;
  }

  static int displaced(const std::vector<int>& left)
  {
    return left.front();
  }
};

// Implementation notes
//
// As long as operations are under way, their results are compared with each
// other. When none is, the owner knows what the queue holds and in which order:
// the number of an item is its position among those that are equal. Then each
// call has one answer.
//
// Rules say what differs between the kinds of queues: before(a, b), whether one
// item comes before another; weight_of(number), what it takes of the bound;
// displaced(left), which of these a force_put() displaces.
template <class Rules, class Threading>
class queue_subject
  : public subject_of<typename Rules::template queue<Threading>>
{
  using queue_type = typename Rules::template queue<Threading>;
  using room_type = typename queue_type::room_type;
  using base = subject_of<queue_type>;

public:
  template <class... More>
  queue_subject(surroundings& around, std::size_t bound, More... more)
    : base(around, bound, more...),
      bound_(bound)
  {
  }

  ~queue_subject() override
  {
    destroy();
  }

  void act() override
  {
    if (!this->is_there())
      return use_room();
    act_on_queue();
    check();
  }

  void destroy() override
  {
    items_.end();
    base::destroy();
  }

  void settle() override
  {
    if (!this->is_there())
      return;
    check();
    const queue_type& queue = this->object();
    const std::size_t waits_for_items =
        queue.waiters() - queue.putters() - joins_;
    require(waits_for_items == 0 || queue.empty(), "a wait is left with items");
    if (open_)
      return;
    require(queue.putters() == 0, "a put is left in a closed queue");
    require(waits_for_items == 0 || !rooms_.empty(),
            "a wait is left in a closed queue");
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    check_counts();
    while (!items_.left().empty())
      try_get();
    require(this->object().empty(), "there are too many items");
    try_get();
  }

  void expect_end_of_context() override
  {
    items_.end();
  }

  void outlive() override
  {
    while (!rooms_.empty())
    {
      use_room();
      end_room();
    }
  }

private:
  void act_on_queue()
  {
    switch (this->in_.below(20))
    {
    case 0:
      return try_put();
    case 1:
      return try_get();
    case 2:
      return finish_task();
    case 3:
      return join();
    case 4:
      return close();
    case 5:
      return try_get_some();
    case 6:
      return force_put();
    case 7:
      return clear();
    case 8:
      return reserve();
    case 9:
      return try_reserve();
    case 10:
      return use_room();
    case 11:
      return end_room();
    case 12:
      return get_some();
    case 13:
      return next();
    case 14:
      return wait();
    case 15:
    case 16:
      return get();
    default:
      return put();
    }
  }

  // What holds at any time.
  void check()
  {
    const queue_type& queue = this->object();
    require(queue.is_open() == open_, "a queue was closed or opened");
    require(queue.getters() == 0 || queue.empty(), "a get waits beside items");
    require(queue.putters() == 0 || Rules::is_weighted || queue.full(),
            "a put waits beside room");
    require(queue.peak() >= queue.size(), "the peak is below the size");
    if (this->is_quiet())
      check_counts();
  }

  // What holds when no operation is under way.
  void check_counts()
  {
    const queue_type& queue = this->object();
    require(queue.waiters() == 0, "a wait is left");
    require(queue.size() == items_.left().size(),
            "items are lost, or too many");
    require(queue.unfinished() == items_.entered - items_.dropped - finished_,
            "tasks are lost, or too many");
    require(queue.full() == (bound_ != 0 && load() >= bound_),
            "room is lost, or too much");
    if constexpr (Rules::is_weighted)
      require(queue.weight() == stored_weight(), "weight is lost");
  }

  std::size_t stored_weight() const
  {
    std::size_t result = 0;
    for (int number : items_.left())
      result += Rules::weight_of(number);
    return result;
  }

  std::size_t load() const
  {
    return stored_weight() + rooms_.weight();
  }

  bool has_room(std::size_t weight) const
  {
    return open_ && (bound_ == 0 || load() == 0 || load() + weight <= bound_);
  }

  void note_get(error_code ec, const item& got)
  {
    require(ec != toro::error::closed || !open_, "an open queue is closed");
    items_.note_get(ec, got);
  }

  void require_first(const item& got)
  {
    const std::vector<int> left = items_.left();
    require((got == nullptr) == left.empty(), "an item is not there");
    if (got && is_sorted_)
      require(*got == *std::ranges::min_element(left, Rules::before),
              "an item came out of turn");
  }

  // From the second one on: the first may have been granted before a get that
  // was revoked returned another one.
  void require_order(const std::vector<item>& items, std::size_t from) const
  {
    for (std::size_t n = from + 1; is_sorted_ && n < items.size(); ++n)
      require(Rules::before(*items[n - 1], *items[n]),
              "items are out of order");
  }

  void try_put()
  {
    item offered = items_.make();
    const int number = *offered;
    const std::optional<bool> expected = expect_room(Rules::weight_of(number));
    bool taken = false;
    try
    {
      taken = this->object().try_put(std::move(offered));
      require(!expected || taken == *expected, "room is not as it should be");
    }
    catch (const user_exception&)
    {
    }
    catch (const std::invalid_argument&)
    {
    }
    require(taken == !offered, "an item is neither here nor there");
    if (taken)
      items_.note_put(number, {});
    else
      items_.note_refusal(number);
  }

  // Nothing if it cannot be known.
  std::optional<bool> expect_room(std::size_t weight)
  {
    return this->is_quiet() ? std::optional<bool>(has_room(weight))
                            : std::nullopt;
  }

  void try_get()
  {
    const bool is_quiet = this->is_quiet();
    item got = this->object().try_get().value_or(nullptr);
    if (is_quiet)
      require_first(got);
    if (got)
      items_.note_get({}, got);
  }

  // A wait for an earlier item may end between two of these.
  void try_get_some()
  {
    const bool is_quiet = this->is_quiet();
    const bool is_alone = this->object().putters() == 0;
    std::vector<item> got;
    bool has_thrown = false;
    try
    {
      this->object().try_get_some(this->in_.below(4),
                                  item_output(this->in_, got));
    }
    catch (const user_exception&)
    {
      has_thrown = true;
    }
    if (is_quiet && !got.empty())
      require_first(got.front());
    if (is_alone)
      require_order(got, 0);
    // Later items are put behind the one whose assignment threw, since its
    // value may have changed.
    is_sorted_ = is_sorted_ && !(has_thrown && Rules::is_compared);
    for (const item& i : got)
      items_.note_get({}, i);
  }

  // Of an item that has been taken.
  void finish_task()
  {
    if (finished_ == items_.taken)
      return;
    this->object().task_done();
    ++finished_;
  }

  void close()
  {
    if (this->in_.below(8) != 1)
      return;
    this->object().close();
    open_ = false;
  }

  void force_put()
  {
    if constexpr (!Rules::is_weighted)
    {
      const bool is_quiet = this->is_quiet();
      const bool fits = has_room(1);
      std::vector<int> left = items_.left();
      item offered = items_.make();
      const int number = *offered;
      error_code ec;
      item displaced;
      try
      {
        displaced =
            this->object().force_put(std::move(offered), ec).value_or(nullptr);
      }
      catch (const user_exception&)
      {
        require(offered != nullptr, "an item was lost by an exception");
        return items_.note_refusal(number);
      }
      require(!ec == open_, "a queue was closed or opened");
      require(!ec == !offered, "an item is neither here nor there");
      if (ec)
        return items_.note_refusal(number);
      items_.note_put(number, {});
      if (is_quiet)
      {
        require(fits == !displaced, "an item was displaced, or was not");
        left.push_back(number);
        require(fits || !is_sorted_ || *displaced == Rules::displaced(left),
                "another item was displaced");
      }
      if (displaced)
        items_.note_drop(*displaced);
    }
  }

  void clear()
  {
    if (this->in_.below(4) != 1)
      return;
    const bool is_quiet = this->is_quiet();
    const std::size_t before = items_.dropped;
    const std::size_t stored = items_.left().size();
    const std::size_t count = items_.while_dropping(
        [this]
        {
          return this->object().clear();
        });
    require(count == items_.dropped - before, "not as many were dropped");
    require(!is_quiet || count == stored, "not all were dropped");
  }

  // Also zero.
  std::size_t choose_weight()
  {
    return Rules::is_weighted ? this->in_.below(4) : 1;
  }

  void try_reserve()
  {
    const std::size_t weight = choose_weight();
    const std::optional<bool> expected = expect_room(weight);
    room_type room;
    if constexpr (Rules::is_weighted)
      room = this->object().try_reserve(weight);
    else
      room = this->object().try_reserve();
    require(!expected || static_cast<bool>(room) == *expected,
            "room is not as it should be");
    if (room)
      rooms_.note({}, std::move(room), weight);
  }

  void reserve()
  {
    const std::size_t weight = choose_weight();
    ++may_enter_;
    this->begin_plainly(
        [this, weight](auto&&... how)
        {
          static_cast<void>(weight);
          if constexpr (Rules::is_weighted)
            this->object().async_reserve(weight,
                                         std::forward<decltype(how)>(how)...);
          else
            this->object().async_reserve(std::forward<decltype(how)>(how)...);
        },
        [this, weight](error_code ec, room_type room)
        {
          --may_enter_;
          rooms_.note(ec, std::move(room), weight);
        });
  }

  // Once the queue has ended, the item is dropped.
  void use_room()
  {
    if (rooms_.empty())
      return;
    auto [room, weight] = rooms_.take(this->in_.below(4));
    item offered = items_.make();
    const int number = *offered;
    try
    {
      std::move(room).put(std::move(offered));
    }
    catch (const user_exception&)
    {
    }
    catch (const std::invalid_argument&)
    {
    }
    require(!room == !offered, "an item is neither here nor there");
    if (room)
    {
      items_.note_refusal(number);
      rooms_.note({}, std::move(room), weight);
      return;
    }
    require(Rules::weight_of(number) <= weight, "an item had no room");
    if (this->is_there())
      items_.note_put(number, {});
  }

  void end_room()
  {
    if (rooms_.empty())
      return;
    auto [room, weight] = rooms_.take(this->in_.below(4));
    switch (this->in_.below(8))
    {
    case 1:
      room.detach();
      rooms_.detached += weight;
      return;
    case 2:
      return room.reset();
    case 3:
      // What it is assigned to gives its own back.
      if (!rooms_.empty())
      {
        auto other = rooms_.take(0);
        room = std::move(other.room);
        rooms_.note({}, std::move(room), other.weight);
      }
      return;
    default:
      return;
    }
  }

  void wait()
  {
    this->begin_plainly(
        [this](auto&&... how)
        {
          this->object().async_wait(std::forward<decltype(how)>(how)...);
        },
        [this](error_code ec)
        {
          note_get_nothing(ec);
        });
  }

  void note_get_nothing(error_code ec)
  {
    require(ec != toro::error::closed || !open_, "an open queue is closed");
  }

  void join()
  {
    ++joins_;
    this->begin_plainly(
        [this](auto&&... how)
        {
          this->object().async_join(std::forward<decltype(how)>(how)...);
        },
        [this](error_code)
        {
          --joins_;
        });
  }

  void get()
  {
    this->begin(
        [this](auto&&... how)
        {
          this->object().async_get(std::forward<decltype(how)>(how)...);
        },
        [this](error_code ec, item got)
        {
          note_get(ec, got);
        });
  }

  void get_some()
  {
    const std::size_t most = this->in_.below(4);
    this->begin_plainly(
        [this, most](auto&&... how)
        {
          this->object().async_get_some(most,
                                        std::forward<decltype(how)>(how)...);
        },
        [this, most](error_code ec, std::vector<item> got)
        {
          note_get_nothing(ec);
          require(!ec || got.empty(), "an error came with items");
          require(ec || most == 0 || !got.empty(), "success without items");
          require(got.size() <= most, "there are too many items");
          // Puts that wait are admitted between two of these items.
          if (may_enter_ == 0 && std::is_same_v<Threading, toro::thread_safe>)
            require_order(got, 1);
          for (const item& i : got)
            items_.note_get({}, i);
        });
  }

  void next()
  {
    this->begin_plainly(
        [this](auto&&... how)
        {
          this->object().async_next(std::forward<decltype(how)>(how)...);
        },
        [this](error_code ec, std::optional<item> got)
        {
          require(ec != toro::error::closed, "the end is an error");
          require(ec || got || !open_, "an open queue has ended");
          require(!ec || !got, "an error came with an item");
          if (got)
            items_.note_get(ec, *got);
        });
  }

  void put()
  {
    item offered = items_.make();
    const int number = *offered;
    ++may_enter_;
    try
    {
      this->begin(
          [&](auto&&... how)
          {
            this->object().async_put(std::move(offered),
                                     std::forward<decltype(how)>(how)...);
          },
          [this, number](error_code ec)
          {
            --may_enter_;
            items_.note_put(number, ec);
          });
    }
    catch (const user_exception&)
    {
      note_failed_start(std::move(offered), number);
    }
    catch (const std::invalid_argument&)
    {
      note_failed_start(std::move(offered), number);
    }
  }

  // A put threw before it began.
  void note_failed_start(item offered, int number)
  {
    --may_enter_;
    offered = nullptr;
    items_.note_put(number, toro::error::impossible);
  }

  const std::size_t bound_;
  bool open_ = true;
  item_ledger items_;
  room_ledger<room_type> rooms_;
  std::size_t finished_ = 0;
  std::size_t joins_ = 0;

  // Whether items come in their order, as far as that is known.
  bool is_sorted_ = true;

  // How many puts and waits for room are under way.
  std::size_t may_enter_ = 0;
};

// Makes a subject with a bound, and with what else its queue needs.
template <class Rules, class... More>
subject_pointer make_queue_of(bool shared, surroundings& around, More... more)
{
  const std::size_t bound = around.in.below(Rules::largest_bound + 1);
  if (shared)
    return std::make_unique<queue_subject<Rules, toro::thread_safe>>(
        around, bound, more...);
  return std::make_unique<queue_subject<Rules, toro::strand_bound>>(
      around, bound, more...);
}

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FUZZ_QUEUE_SUBJECT_HPP
