// SPDX-License-Identifier: BSL-1.0
#include "model/actions/first_of.hpp"

#include <toro/first_of.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>
#include <toro/threading.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;
using boost::asio::deferred;

// What the two sides are. Each has the same functions as that of the model, and
// keeps accounts of its own.
template <class Threading>
class acquire_object
{
public:
  using threading = Threading;
  using type = toro::basic_semaphore<step_executor, Threading>;
  using model_type = acquire_side;
  using value_type = toro::basic_permit<Threading>;

  acquire_object(const step_executor& executor, std::size_t value)
    : object(std::in_place, executor, value),
      total_(value)
  {
  }

  template <class CompletionToken>
  auto start(toro::deadline limit, CompletionToken&& token)
  {
    return object->async_acquire(limit, std::forward<CompletionToken>(token));
  }

  std::size_t supply()
  {
    ++total_;
    return object->release();
  }

  std::size_t stored() const
  {
    return object->value();
  }

  // Returns what a handler got, as the model counts it.
  std::size_t keep(value_type&& permit)
  {
    permits_.push_back(std::move(permit));
    return 0;
  }

  bool balances() const
  {
    return !object || object->value() + permits_.size() == total_;
  }

  std::optional<type> object;

private:
  std::size_t total_;
  std::vector<value_type> permits_;
};

template <class Threading>
class queue_object
{
public:
  using threading = Threading;
  using type = toro::basic_queue<std::size_t, step_executor, Threading>;

  queue_object(const step_executor& executor, std::size_t max_size)
    : object(std::in_place, executor, max_size)
  {
  }

  std::size_t stored() const
  {
    return object->size();
  }

  std::optional<type> object;

protected:
  // Items are numbered.
  std::size_t items_ = 0;
  std::size_t put_ = 0;
  std::size_t got_ = 0;
};

template <class Threading>
class get_object : public queue_object<Threading>
{
public:
  using model_type = get_side;
  using value_type = std::size_t;
  using queue_object<Threading>::queue_object;

  template <class CompletionToken>
  auto start(toro::deadline limit, CompletionToken&& token)
  {
    return this->object->async_get(limit, std::forward<CompletionToken>(token));
  }

  std::size_t supply()
  {
    const bool done = this->object->try_put(this->items_++);
    this->put_ += done;
    return done;
  }

  std::size_t keep(value_type&& item)
  {
    ++this->got_;
    return item;
  }

  bool balances() const
  {
    return !this->object || this->put_ - this->got_ == this->object->size();
  }
};

template <class Threading>
class put_object : public queue_object<Threading>
{
public:
  using model_type = put_side;
  using value_type = void;
  using queue_object<Threading>::queue_object;

  template <class CompletionToken>
  auto start(toro::deadline limit, CompletionToken&& token)
  {
    return this->object->async_put(this->items_++, limit,
                                   std::forward<CompletionToken>(token));
  }

  std::size_t supply()
  {
    const auto item = this->object->try_get();
    this->got_ += item.has_value();
    return item.value_or(nothing);
  }

  std::size_t keep()
  {
    ++this->put_;
    return 0;
  }

  // A put whose handler was destroyed may have put its item.
  bool balances() const
  {
    return !this->object || this->put_ <= this->got_ + this->object->size();
  }
};

// Two objects in a world that runs any one handler when it is told to. What the
// library submits for itself runs at once.
//
// A mistake is a handler that is called or destroyed from within a function, or
// with what it should not get.
template <class First, class Second>
class first_of_library
{
public:
  static constexpr std::array<bool, 2> is_told_later = {
      std::is_same_v<typename First::threading, toro::strand_bound>,
      std::is_same_v<typename Second::threading, toro::strand_bound>};

  first_of_library(std::size_t a, std::size_t b)
    : first_((clock_.install(*context_), step_executor(*context_)), a),
      second_(step_executor(*context_), b)
  {
  }

  first_of_library(const first_of_library&) = delete;
  first_of_library& operator=(const first_of_library&) = delete;

  ~first_of_library()
  {
    may_end_ = true;
  }

  template <bool Flipped>
  void select(patience how_long)
  {
    record& r = records_.add();
    auto a = first_.start(limit(how_long), deferred);
    auto b = second_.start(toro::deadline(), deferred);
    may_end_ = is_inert();
    if constexpr (Flipped)
      toro::async_first_of(std::move(b), std::move(a),
                           listener<1, 0>(*this, r));
    else
      toro::async_first_of(std::move(a), std::move(b),
                           listener<0, 1>(*this, r));
    may_end_ = false;
  }

  template <std::size_t Which>
  void wait()
  {
    record& r = records_.add();
    r.shown.is_plain = true;
    may_end_ = is_inert();
    side<Which>().start(toro::deadline(), listener<Which>(*this, r));
    may_end_ = false;
  }

  std::size_t supply(std::size_t which)
  {
    return which == 0 ? first_.supply() : second_.supply();
  }

  void run(std::size_t k)
  {
    may_end_ = true;
    context_->complete_one(k);
    may_end_ = false;
  }

  void drop(std::size_t k)
  {
    may_end_ = true;
    context_->drop_one(k);
    may_end_ = false;
  }

  void cancel(std::size_t number)
  {
    records_[number].signal.emit(boost::asio::cancellation_type::terminal);
  }

  std::size_t cancel_all(std::size_t which)
  {
    return which == 0 ? first_.object->cancel() : second_.object->cancel();
  }

  std::size_t close(std::size_t which)
  {
    return which == 0 ? first_.object->close() : second_.object->close();
  }

  void tick()
  {
    clock_.advance(std::chrono::hours(1));
  }

  void destroy(std::size_t which)
  {
    if (which == 0)
      first_.object.reset();
    else
      second_.object.reset();
  }

  void shut_down()
  {
    may_end_ = true;
    context_.reset();
    may_end_ = false;
  }

  void settle()
  {
    if (is_inert())
      return;
    may_end_ = true;
    do
    {
      clock_.advance({});
    } while (context_->run_internal());
    may_end_ = false;
  }

  const plain_selection& selection(std::size_t number)
  {
    return records_[number].shown;
  }

  std::size_t stored(std::size_t which) const
  {
    return which == 0 ? first_.stored() : second_.stored();
  }

  std::size_t waiters(std::size_t which) const
  {
    return which == 0 ? first_.object->waiters() : second_.object->waiters();
  }

  std::size_t ready() const
  {
    return is_inert() ? 0 : context_->completions();
  }

  bool alarm_is_set() const
  {
    return clock_.pending() != 0;
  }

  std::size_t mistakes() const
  {
    return mistakes_;
  }

  bool balances() const
  {
    return first_.balances() && second_.balances();
  }

  // Each handler has been called or has been destroyed, and that once.
  bool closes()
  {
    shut_down();
    destroy(0);
    destroy(1);
    for (std::size_t i = 0; i != records_.size(); ++i)
    {
      if (records_[i].ends != 1)
        return false;
    }
    return mistakes_ == 0;
  }

private:
  struct record
  {
    boost::asio::cancellation_signal signal;
    plain_selection shown;

    // How often its handler was called or destroyed.
    int ends = 0;
  };

  // The handler of a selection among sides, in this order, or of a wait.
  template <std::size_t... Which>
  class listener
  {
  public:
    using cancellation_slot_type = boost::asio::cancellation_slot;

    listener(first_of_library& library, record& r) noexcept
      : library_(&library),
        record_(&r)
    {
    }

    listener(listener&& other) noexcept
      : library_(std::exchange(other.library_, nullptr)),
        record_(other.record_)
    {
    }

    ~listener()
    {
      if (library_)
        library_->note_end(*record_, fate::destroyed);
    }

    cancellation_slot_type get_cancellation_slot() const noexcept
    {
      return record_->signal.slot();
    }

    template <class... Results>
    void operator()(std::size_t index, Results... results)
    {
      constexpr std::array<std::size_t, sizeof...(Which)> order = {Which...};
      record_->shown.first = order[index];
      finish(std::move(results)...);
    }

    template <class... Values>
    void operator()(error_code ec, Values... values)
    {
      finish(ec, std::move(values)...);
    }

  private:
    template <class... Results>
    void finish(Results... results)
    {
      first_of_library& library = *std::exchange(library_, nullptr);
      library.note_end(*record_, fate::called);
      std::tuple<Results...> all(std::move(results)...);
      std::size_t effects = 0;
      [&]<std::size_t... I>(std::index_sequence<I...>)
      {
        constexpr std::array<std::size_t, sizeof...(Which)> order = {Which...};
        ((effects += library.template note_operand<order[I]>(
              *record_, all,
              std::integral_constant<std::size_t, place_of<I, Which...>>())),
         ...);
      }
      (std::make_index_sequence<sizeof...(Which)>());
      library.mistakes_ += effects > 1;
    }

    first_of_library* library_;
    record* record_;
  };

  template <std::size_t Which>
  auto& side()
  {
    if constexpr (Which == 0)
      return first_;
    else
      return second_;
  }

  template <std::size_t Which>
  using value_of =
      typename std::conditional_t<Which == 0, First, Second>::value_type;

  // Where the results of the operand in this position are: behind an error code
  // and perhaps a value of the one before.
  template <std::size_t I, std::size_t... Which>
  static constexpr std::size_t place_of =
      I == 0 ? 0
             : 1 + !std::is_void_v<value_of<
                       std::array<std::size_t, sizeof...(Which)>{Which...}[0]>>;

  // Returns whether the operand has taken effect.
  template <std::size_t Which, class Results, std::size_t Place>
  bool note_operand(record& r, Results& results,
                    std::integral_constant<std::size_t, Place>)
  {
    const error_code ec = std::get<Place>(results);
    const std::optional<ending> how = ending_of(ec);
    mistakes_ += !how;
    r.shown.how[Which] = how.value_or(ending::impossible);
    if constexpr (std::is_void_v<value_of<Which>>)
    {
      if (!ec)
        r.shown.got[Which] = side<Which>().keep();
    }
    else
    {
      auto& value = std::get<Place + 1>(results);
      if (!ec)
        r.shown.got[Which] = side<Which>().keep(std::move(value));
      else
        mistakes_ += is_something(value);
    }
    return !ec;
  }

  void note_end(record& r, fate what)
  {
    ++r.ends;
    r.shown.what = what;
    mistakes_ += !may_end_;
  }

  bool is_inert() const
  {
    return !context_;
  }

  static toro::deadline limit(patience how_long)
  {
    if (how_long == endless)
      return {};
    return std::chrono::hours(static_cast<std::chrono::hours::rep>(how_long));
  }

  bool may_end_ = false;
  std::size_t mistakes_ = 0;
  manual_clock clock_;
  pool<record> records_;
  std::optional<step_context> context_ =
      std::optional<step_context>(std::in_place);
  First first_;
  Second second_;
};

template <class First, class Second>
void test_first_of(const std::string& name, std::size_t a, std::size_t b)
{
  using model =
      first_of_model<typename First::model_type, typename Second::model_type>;
  test_all_sequences<first_of_machine<first_of_library<First, Second>, model>>(
      name, chosen_lengths({4, 6}, {5, 7}), a, b);
}

using shared = toro::thread_safe;
using bound = toro::strand_bound;

} // namespace

// Why not explore_all(): it finds the orders of one program, and says nothing
// of what is right in each. Here programs are all short sequences, an operand
// may be destroyed, and a model says how each one ends.
BOOST_AUTO_TEST_CASE(one_operand_of_first_of_takes_effect)
{
  test_first_of<acquire_object<shared>, acquire_object<shared>>(
      "first_of two permits", 0, 0);
  test_first_of<acquire_object<bound>, acquire_object<bound>>(
      "first_of two strand_bound permits", 0, 1);
  test_first_of<get_object<shared>, put_object<shared>>("first_of get and put",
                                                        0, 1);
  test_first_of<put_object<bound>, acquire_object<shared>>(
      "first_of strand_bound put and permit", 1, 0);
}
