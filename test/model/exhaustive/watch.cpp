// SPDX-License-Identifier: BSL-1.0
#include "model/actions/watch.hpp"

#include <toro/threading.hpp>
#include <toro/watch.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <utility>

#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;

// The values are the versions that they have.
template <class Threading>
class watch_library
  : public public_library<
        watch_library<Threading>,
        toro::basic_watch<std::size_t, step_executor, Threading>>
{
  using primitive = toro::basic_watch<std::size_t, step_executor, Threading>;

public:
  watch_library()
    : readers_{make_reader(), make_reader()}
  {
  }

  primitive make()
  {
    return primitive(this->executor(), 0);
  }

  std::size_t set()
  {
    error_code ec;
    const std::size_t granted =
        this->object().set(this->object().version() + 1, ec);
    return count_of(granted, ec);
  }

  std::size_t close()
  {
    return this->object().close();
  }

  std::size_t get(std::size_t k)
  {
    return readers_[k].get();
  }

  void start_next(std::size_t k, patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  readers_[k].async_next(std::forward<decltype(args)>(args)...);
                });
  }

  void end_reader(std::size_t k)
  {
    readers_[k] = this->object().read();
  }

  void look(view& v) const
  {
    v.add("version", this->object().version());
    v.add("news of 1st", readers_[0].has_news());
    v.add("news of 2nd", readers_[1].has_news());
    v.add("waiters", this->object().waiters());
  }

  using public_library<watch_library, primitive>::keep;

  static std::size_t keep(std::size_t, std::size_t value)
  {
    return value;
  }

private:
  auto make_reader()
  {
    // The base makes the object when it is asked to, and readers need it.
    if (!is_made_)
      this->make_object();
    is_made_ = true;
    return this->object().read();
  }

  bool is_made_ = false;
  typename primitive::reader_type readers_[2];
};

template <class Threading>
void test_watch(const std::string& name)
{
  test_all_sequences<watch_machine<watch_library<Threading>>>(name,
                                                              public_lengths());
}

} // namespace

BOOST_AUTO_TEST_CASE(watch_follows_the_model)
{
  test_watch<toro::thread_safe>("watch");
  test_watch<toro::strand_bound>("strand_bound watch");
}
