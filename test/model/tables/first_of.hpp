// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_FIRST_OF_HPP
#define TORO_TEST_MODEL_TABLES_FIRST_OF_HPP

#include <algorithm>
#include <array>
#include <cstddef>

#include "model/tables/queue.hpp"
#include "model/tables/semaphore.hpp"

namespace toro_test {

// What an operand of a selection waits for, and what grants that: a permit that
// is released, an item that is put, or room that a get makes.
struct acquire_side : semaphore_model
{
  explicit acquire_side(std::size_t value)
    : semaphore_model(value, false)
  {
  }

  void start(patience how_long, bool /*claims*/)
  {
    start_acquire(1, how_long);
  }

  void leave_out()
  {
  }

  std::size_t supply()
  {
    return release(1);
  }

  std::size_t stored() const
  {
    return free();
  }

  std::size_t got_by(std::size_t) const
  {
    return 0;
  }

  // What was got is destroyed with the selection.
  void forsake()
  {
    reset(1);
  }
};

struct get_side : queue_model
{
  explicit get_side(std::size_t max_size)
    : queue_model(queue_order::fifo, max_size)
  {
  }

  void start(patience how_long, bool claims)
  {
    start_get(how_long, claims);
  }

  void leave_out()
  {
  }

  std::size_t supply()
  {
    return try_put();
  }

  std::size_t stored() const
  {
    return stock.size();
  }

  std::size_t got_by(std::size_t w) const
  {
    return waits[w].item;
  }

  void forsake()
  {
  }
};

struct put_side : queue_model
{
  explicit put_side(std::size_t max_size)
    : queue_model(queue_order::fifo, max_size)
  {
  }

  void start(patience how_long, bool claims)
  {
    start_put(how_long, claims);
  }

  // The item is made, and not put.
  void leave_out()
  {
    ++items;
  }

  std::size_t supply()
  {
    return try_get();
  }

  std::size_t stored() const
  {
    return stock.size();
  }

  std::size_t got_by(std::size_t) const
  {
    return 0;
  }

  void forsake()
  {
  }
};

enum class fate
{
  pending,
  called,
  destroyed
};

// A selection, or a plain wait of one side, which has no other operand.
struct plain_selection
{
  // The waits of its operands, by side, as far as they were started.
  std::array<std::size_t, 2> wait = {nothing, nothing};
  std::array<bool, 2> has_ended = {};
  std::array<ending, 2> how = {ending::aborted, ending::aborted};
  std::array<std::size_t, 2> got = {nothing, nothing};

  // Whether the second side's operand stands first.
  bool is_flipped = false;
  bool is_plain = false;

  // The side of the operand that was the first to end, and whether its handler
  // was destroyed.
  std::size_t first = nothing;
  bool is_lost = false;

  fate what = fate::pending;
};

// Two primitives, and selections among them. An operand ends when its handler
// is called or destroyed, which happens in any order. The first one to end
// cancels the other one, and only the first may keep what it was granted.
template <class First, class Second>
class first_of_model
{
public:
  static constexpr std::size_t sides = 2;

  // A side that cannot be cancelled in any thread is told of cancellations
  // later.
  first_of_model(std::size_t a, std::size_t b,
                 std::array<bool, sides> is_told_later)
    : is_told_later_(is_told_later),
      first_(a),
      second_(b)
  {
  }

  row<plain_selection> selections;

  // The handler of an operand that is due.
  struct due_handler
  {
    std::size_t side;
    std::size_t wait;
  };

  // In the order in which the waits were decided.
  row<due_handler> ready;

  // Operands that are to be told of a cancellation, by side and wait.
  row<due_handler> told;

  bool inert = false;

  template <class Function>
  auto at(std::size_t which, Function function)
  {
    return which == 0 ? function(first_) : function(second_);
  }

  template <class Function>
  auto at(std::size_t which, Function function) const
  {
    return which == 0 ? function(first_) : function(second_);
  }

  // An operand behind one that has ended already is not started.
  void select(bool flipped, patience how_long)
  {
    const std::size_t number = add(false);
    selections[number].is_flipped = flipped;
    bool goes_on = !inert;
    for (std::size_t i = 0; i != sides; ++i)
    {
      const std::size_t which = flipped ? 1 - i : i;
      if (goes_on)
        goes_on = start(number, which, which == 0 ? how_long : endless, true);
      else
        at(which,
           [](auto& side)
           {
             side.leave_out();
             return 0;
           });
    }
  }

  // A wait of one side that is no operand.
  void wait(std::size_t which)
  {
    const std::size_t number = add(true);
    if (!inert)
      start(number, which, endless, false);
  }

  // Calls the handler of an operand.
  void run(std::size_t k)
  {
    const due_handler next = take_ready(k);
    const std::size_t which = next.side;
    plain_selection& s = selections[owners_[which][next.wait]];
    const ending how = at(which,
                          [&](auto& side)
                          {
                            const bool granted =
                                side.waits[next.wait].at == stage::granted;
                            if (s.first == nothing)
                              s.first = which;
                            if (granted && s.first != which)
                              side.cancel(next.wait);
                            bring_forward(side, next.wait);
                            side.deliver();
                            return side.waits[next.wait].how;
                          });
    collect(which);
    s.how[which] = how;
    if (how == ending::success)
      s.got[which] = at(which,
                        [&](auto& side)
                        {
                          return side.got_by(next.wait);
                        });
    end(s, which);
  }

  // Destroys it instead. If no operand has ended before, so does the whole.
  void drop(std::size_t k)
  {
    const due_handler next = take_ready(k);
    plain_selection& s = selections[owners_[next.side][next.wait]];
    at(next.side,
       [&](auto& side)
       {
         bring_forward(side, next.wait);
         side.abandon();
         return 0;
       });
    collect(next.side);
    if (s.first == nothing)
    {
      s.first = next.side;
      s.is_lost = true;
    }
    end(s, next.side);
  }

  void cancel(std::size_t number)
  {
    const plain_selection& s = selections[number];
    for (std::size_t i = 0; i != sides; ++i)
      cancel_operand(s, s.is_flipped ? 1 - i : i);
  }

  // What was put off comes now, and then the deadlines that are due.
  void settle()
  {
    for (std::size_t i = 0; i != told.size(); ++i)
      cancel_wait(told[i].side, told[i].wait);
    told.clear();
    for (std::size_t which = 0; which != sides; ++which)
      change(which,
             [](auto& side)
             {
               side.expire_due();
               return std::size_t(0);
             });
  }

  // Something happens to a side.
  template <class Function>
  std::size_t change(std::size_t which, Function function)
  {
    const std::size_t result = at(which, function);
    collect(which);
    return result;
  }

  void tick()
  {
    for (std::size_t which = 0; which != sides; ++which)
      at(which,
         [](auto& side)
         {
           return ++side.now;
         });
  }

  void shut_down()
  {
    for (std::size_t which = 0; which != sides; ++which)
      at(which,
         [](auto& side)
         {
           side.shut_down();
           return 0;
         });
    ready.clear();
    told.clear();
    inert = true;
    for (plain_selection& s : selections)
    {
      if (s.what != fate::pending)
        continue;
      s.what = fate::destroyed;
      for (std::size_t which = 0; which != sides; ++which)
      {
        if (s.got[which] != nothing)
          at(which,
             [](auto& side)
             {
               side.forsake();
               return 0;
             });
      }
    }
  }

  bool exists(std::size_t which) const
  {
    return at(which,
              [](const auto& side)
              {
                return side.exists;
              });
  }

  bool has_due() const
  {
    return first_.has_due() || second_.has_due();
  }

  // The k-th selection that has not ended.
  std::size_t pending(std::size_t k) const
  {
    for (std::size_t i = 0; i != selections.size(); ++i)
    {
      if (selections[i].what == fate::pending && k-- == 0)
        return i;
    }
    return nothing;
  }

private:
  std::size_t add(bool is_plain)
  {
    plain_selection& s = selections.emplace_back();
    s.is_plain = is_plain;
    if (inert)
      s.what = fate::destroyed;
    return selections.size() - 1;
  }

  // Returns whether the operand waits.
  bool start(std::size_t number, std::size_t which, patience how_long,
             bool claims)
  {
    const std::size_t w = at(which,
                             [&](auto& side)
                             {
                               side.start(how_long, claims);
                               return side.waits.size() - 1;
                             });
    owners_[which].push_back(number);
    selections[number].wait[which] = w;
    collect(which);
    return at(which,
              [&](auto& side)
              {
                return side.waits[w].at == stage::waiting;
              });
  }

  // A plain wait has a slot of its own, in which this happens at once.
  void cancel_operand(const plain_selection& s, std::size_t which)
  {
    if (s.wait[which] == nothing || s.has_ended[which])
      return;
    if (is_told_later_[which] && !s.is_plain)
      told.push_back({which, s.wait[which]});
    else
      cancel_wait(which, s.wait[which]);
  }

  // Nothing happens if the wait has ended.
  void cancel_wait(std::size_t which, std::size_t w)
  {
    change(which,
           [&](auto& side)
           {
             side.cancel(w);
             return std::size_t(0);
           });
  }

  void end(plain_selection& s, std::size_t which)
  {
    s.has_ended[which] = true;
    if (s.first == which)
      cancel_operand(s, 1 - which);
    for (std::size_t i = 0; i != sides; ++i)
    {
      if (s.wait[i] != nothing && !s.has_ended[i])
        return;
    }
    s.what = s.is_lost ? fate::destroyed : fate::called;
  }

  due_handler take_ready(std::size_t k)
  {
    const due_handler result = ready[k];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(k));
    return result;
  }

  // What was decided last comes last.
  void collect(std::size_t which)
  {
    at(which,
       [&](auto& side)
       {
         for (const std::size_t w : side.under_way)
         {
           const bool is_known =
               std::any_of(ready.begin(), ready.end(),
                           [&](const due_handler& d)
                           {
                             return d.side == which && d.wait == w;
                           });
           if (!is_known)
             ready.push_back({which, w});
         }
         return 0;
       });
  }

  static void bring_forward(auto& side, std::size_t w)
  {
    auto& line = side.under_way;
    const auto place = std::find(line.begin(), line.end(), w);
    std::rotate(line.begin(), place, place + 1);
  }

  std::array<bool, sides> is_told_later_;
  First first_;
  Second second_;

  // Which selection each wait is of.
  std::array<row<std::size_t>, sides> owners_;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_FIRST_OF_HPP
