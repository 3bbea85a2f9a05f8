// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>

#include "contender.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(locks)

namespace {

using any_executor = boost::asio::any_io_executor;

template <class Threading>
class lock_acquire
  : public contender_for<lock_acquire<Threading>,
                         toro::basic_lock<any_executor, Threading>,
                         toro::basic_guard<Threading>>
{
public:
  explicit lock_acquire(fixture& where)
    : lock_acquire::contender_for(
          where, toro::basic_lock<any_executor, Threading>(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_acquire(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_acquire(follower);
  }

  void prepare()
  {
    hold_ = this->object_.try_acquire();
    expect(bool(hold_), "the lock is not free");
  }

  void account()
  {
    this->expect_one_of_two();
    expect(this->object_.locked() ==
               (this->op_.succeeded() || this->has_follower()),
           "the lock is held by nobody, or free and held");
    this->hand_on();
    expect(!this->object_.locked(), "the lock was not given back");
  }

private:
  void supply() override
  {
    hold_.reset();
  }

  toro::basic_guard<Threading> hold_;
};

// Permits in numbers: what is freed, what the operation and the follower want.
template <class Threading, template <class, class> class Semaphore,
          bool Weighted>
class permits_acquire
  : public contender_for<permits_acquire<Threading, Semaphore, Weighted>,
                         Semaphore<any_executor, Threading>,
                         toro::basic_permit<Threading>>
{
public:
  explicit permits_acquire(fixture& where)
    : permits_acquire::contender_for(
          where, Semaphore<any_executor, Threading>(where.executor(), total))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_acquire(wanted_,
                                       std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_acquire(wanted_behind_, follower);
  }

  void prepare()
  {
    if (Weighted)
    {
      freed_ = 1 + this->where().below(total);
      wanted_ = 1 + this->where().below(freed_);
      wanted_behind_ = 1 + this->where().below(total);
    }
    hold_ = this->object_.try_acquire(freed_);
    rest_ = this->object_.try_acquire(total - freed_);
    expect(this->object_.value() == 0, "a permit is too many");
  }

  void account()
  {
    std::size_t free = freed_;
    if (this->op_.succeeded())
    {
      expect(this->op_.value->count() == wanted_, "not what was asked for");
      free -= wanted_;
    }
    if (this->has_follower())
    {
      expect(this->follower_.succeeded() == (wanted_behind_ <= free),
             "the follower should not have got its permits, or should have");
      if (this->follower_.succeeded())
        free -= wanted_behind_;
    }
    expect(this->object_.value() == free, "permits were lost");
    rest_.reset();
    this->hand_on();
    expect(this->object_.value() == total, "permits were lost or made");
  }

private:
  static constexpr std::size_t total = Weighted ? 5 : 2;

  void supply() override
  {
    hold_.reset();
  }

  std::size_t freed_ = 1;
  std::size_t wanted_ = 1;
  std::size_t wanted_behind_ = 1;
  toro::basic_permit<Threading> hold_;
  toro::basic_permit<Threading> rest_;
};

template <class Threading>
using semaphore_acquire =
    permits_acquire<Threading, toro::basic_semaphore, false>;

template <class Threading>
using weighted_acquire =
    permits_acquire<Threading, toro::basic_semaphore, true>;

template <class Threading>
using bounded_acquire =
    permits_acquire<Threading, toro::basic_bounded_semaphore, false>;

template <class Threading>
using bounded_weighted_acquire =
    permits_acquire<Threading, toro::basic_bounded_semaphore, true>;

template <class Threading>
class semaphore_wait
  : public contender_for<semaphore_wait<Threading>,
                         toro::basic_semaphore<any_executor, Threading>,
                         no_value>
{
public:
  explicit semaphore_wait(fixture& where)
    : semaphore_wait::contender_for(
          where,
          toro::basic_semaphore<any_executor, Threading>(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_wait(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_wait(follower);
  }

  void prepare()
  {
    hold_ = this->object_.try_acquire();
  }

  void account()
  {
    this->expect_follower();
    expect(this->object_.value() == 1, "a wait took a permit");
  }

private:
  void supply() override
  {
    hold_.reset();
  }

  toro::basic_permit<Threading> hold_;
};

// The follower wants to write, or wants to read.
template <class Derived, class Guard, class Threading>
class rw_contender
  : public contender_for<Derived, toro::basic_rw_lock<any_executor, Threading>,
                         Guard>
{
public:
  explicit rw_contender(fixture& where)
    : rw_contender::contender_for(
          where, toro::basic_rw_lock<any_executor, Threading>(where.executor()))
  {
  }

  void start_behind(auto)
  {
    if (follower_writes_)
      this->object_.async_acquire_write(report_to(writer_));
    else
      this->object_.async_acquire_read(report_to(reader_));
  }

  // Anybody keeps a writer out, and only a writer keeps a reader out.
  void prepare()
  {
    writer_ = {};
    reader_ = {};
    follower_writes_ = this->where().one_in(2);
    if (writes && this->where().one_in(2))
      read_hold_ = this->object_.try_acquire_read();
    else
      write_hold_ = this->object_.try_acquire_write();
    expect(read_hold_ || write_hold_, "the lock is not free");
  }

  void account()
  {
    const bool entered = writer_.succeeded() || reader_.succeeded();
    if (this->has_follower())
    {
      expect(entered == (!this->op_.succeeded() || shares_with_follower()),
             "the follower should not have entered, or should have");
    }
    const std::size_t readers = std::size_t(this->op_.succeeded() && !writes) +
                                std::size_t(reader_.succeeded());
    expect(this->object_.readers() == readers, "readers were lost");
    expect(this->object_.write_locked() ==
               ((this->op_.succeeded() && writes) || writer_.succeeded()),
           "the writer was lost");
    this->op_.value.reset();
    this->where().drain();
    if (this->has_follower())
      expect(writer_.succeeded() || reader_.succeeded(),
             "the follower was forgotten");
    writer_.value.reset();
    reader_.value.reset();
    expect(this->object_.readers() == 0 && !this->object_.write_locked(),
           "the lock was not given back");
  }

private:
  static constexpr bool writes =
      std::is_same_v<Guard, toro::basic_write_guard<Threading>>;

  bool shares_with_follower() const
  {
    return !writes && !follower_writes_;
  }

  void supply() override
  {
    write_hold_.reset();
    read_hold_.reset();
  }

  bool follower_writes_ = false;
  report<toro::basic_write_guard<Threading>> writer_;
  report<toro::basic_read_guard<Threading>> reader_;
  toro::basic_write_guard<Threading> write_hold_;
  toro::basic_read_guard<Threading> read_hold_;
};

template <class Threading>
class read_acquire
  : public rw_contender<read_acquire<Threading>,
                        toro::basic_read_guard<Threading>, Threading>
{
public:
  using read_acquire::rw_contender::rw_contender;

  auto start(auto&& token)
  {
    return this->object_.async_acquire_read(
        std::forward<decltype(token)>(token));
  }
};

template <class Threading>
class write_acquire
  : public rw_contender<write_acquire<Threading>,
                        toro::basic_write_guard<Threading>, Threading>
{
public:
  using write_acquire::rw_contender::rw_contender;

  auto start(auto&& token)
  {
    return this->object_.async_acquire_write(
        std::forward<decltype(token)>(token));
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(lock_acquire_that_loses_a_race_gives_the_lock_back)
{
  race_all<lock_acquire>("lock::async_acquire");
}

BOOST_AUTO_TEST_CASE(semaphore_acquire_that_loses_a_race_gives_the_permit_back)
{
  race_all<semaphore_acquire>("semaphore::async_acquire");
}

BOOST_AUTO_TEST_CASE(weighted_acquire_that_loses_a_race_gives_the_permits_back)
{
  race_all<weighted_acquire>("semaphore::async_acquire(n)");
}

BOOST_AUTO_TEST_CASE(semaphore_wait_that_loses_a_race_changes_nothing)
{
  race_all<semaphore_wait>("semaphore::async_wait");
}

BOOST_AUTO_TEST_CASE(bounded_acquire_that_loses_a_race_gives_the_permit_back)
{
  race_all<bounded_acquire>("bounded_semaphore::async_acquire");
}

BOOST_AUTO_TEST_CASE(bounded_acquire_of_many_gives_the_permits_back)
{
  race_all<bounded_weighted_acquire>("bounded_semaphore::async_acquire(n)");
}

BOOST_AUTO_TEST_CASE(read_acquire_that_loses_a_race_leaves_the_lock)
{
  race_all<read_acquire>("rw_lock::async_acquire_read");
}

BOOST_AUTO_TEST_CASE(write_acquire_that_loses_a_race_lets_others_in)
{
  race_all<write_acquire>("rw_lock::async_acquire_write");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
