// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_BOUNDED_EXHAUSTIVE_HPP
#define TORO_TEST_SUPPORT_BOUNDED_EXHAUSTIVE_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace toro_test {

class abstract_machine;

// One thing that may happen to a machine, which is a function of it. If it
// cannot happen at this point, the function changes nothing and returns false.
struct action
{
  template <class Machine>
  action(const char* what, bool (Machine::*function)(), unsigned of_what = 0)
    : name(what),
      play(static_cast<bool (abstract_machine::*)()>(function)),
      traits(of_what)
  {
  }

  const char* name;
  bool (abstract_machine::*play)();
  unsigned traits;
};

// Of the few actions that matter most, of which longer sequences are tried.
inline constexpr unsigned core = 1;

// Only possible while the primitive is there.
inline constexpr unsigned of_object = 2;

using action_set = std::vector<action>;

// How long the sequences are: of all actions, and of the core.
struct lengths
{
  std::size_t of_all;
  std::size_t of_core;
};

// The full lengths if they are asked for: by --full behind the "--" that ends
// the options of Boost.Test, or by TORO_EXHAUSTION=full in the environment.
// With TORO_EXHAUSTION=short, one less than the quick lengths.
lengths chosen_lengths(lengths quick, lengths full);

// Implementation notes
//
// All sequences of one machine's actions, the short ones first, so that the
// first failure is a shortest one. Each is played from the start. What begins
// a sequence was looked at when it was itself one, so both sides are compared
// after the last action only.
//
// There are many types of machines, since there are many libraries to be tested
// and each is optimised. What does not differ among them is compiled once.

// A library and its model, side by side.
class abstract_machine
{
public:
  virtual action_set actions() const = 0;

  // Returns false if that is not possible now.
  virtual bool play(const action& what) = 0;

  // Whether both sides show the same.
  virtual bool agrees() = 0;

  // Whether that holds when all has run, and nothing is missing. The last thing
  // to be called.
  virtual bool ends_well() = 0;

  // What the library shows, in words, and what the model does.
  virtual std::string seen() const = 0;
  virtual std::string expected() const = 0;

protected:
  ~abstract_machine() = default;
};

// Makes a machine anew for each sequence. There is one at a time.
class machine_maker
{
public:
  virtual abstract_machine& make() = 0;
  virtual void destroy() = 0;

protected:
  ~machine_maker() = default;
};

// Tries all sequences of these machines, or the one that is to be replayed.
void test_all_sequences(const std::string& subject, lengths how_long,
                        machine_maker& maker);

// Both sides are made with the same arguments.
template <class Machine, class Library, class... Args>
class maker_of : public machine_maker
{
public:
  explicit maker_of(const Args&... args)
    : args_(args...)
  {
  }

  abstract_machine& make() override
  {
    std::apply(
        [this](const Args&... args)
        {
          library_.emplace(args...);
          machine_.emplace(*library_, args...);
        },
        args_);
    return *machine_;
  }

  void destroy() override
  {
    machine_.reset();
    library_.reset();
  }

private:
  std::tuple<Args...> args_;
  std::optional<Library> library_;
  std::optional<Machine> machine_;
};

template <class Machine, class Library = typename Machine::library_type,
          class... Args>
void test_all_sequences(const std::string& subject, lengths how_long,
                        const Args&... args)
{
  maker_of<Machine, Library, Args...> maker(args...);
  test_all_sequences(subject, how_long, maker);
}

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_BOUNDED_EXHAUSTIVE_HPP
