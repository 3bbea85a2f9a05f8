// SPDX-License-Identifier: BSL-1.0
// A server under load, written once for two families of primitives: sessions
// ask for one of few passes, put a request into a bounded inbox, and come
// again; workers take the requests. Every step has a deadline, and 1 000
// coroutines share two threads.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "load_families.hpp"

namespace {

using namespace bench;

using clock_type = std::chrono::steady_clock;

constexpr std::size_t sessions = 950;
constexpr std::size_t workers = 50;
constexpr std::size_t passes = 100;
constexpr std::size_t room = 64;

struct request
{
  clock_type::time_point asked;
};

// How long requests took to reach a worker, in nanoseconds.
using waits = std::vector<clock_type::rep>;

template <class Family>
struct server
{
  explicit server(asio::any_io_executor executor)
    : limit(executor, passes),
      inbox(executor, room)
  {
  }

  typename Family::limit limit;
  typename Family::template inbox<request> inbox;
};

template <class Server>
asio::awaitable<void> visit(Server& to)
{
  const auto executor = co_await asio::this_coro::executor;
  for (;;)
  {
    const auto asked = clock_type::now();
    {
      const auto pass = co_await to.limit.enter();
      co_await to.inbox.put({asked});
    }
    co_await asio::post(executor, asio::use_awaitable);
  }
}

template <class Server>
asio::awaitable<void> serve(Server& of, waits& taken)
{
  for (;;)
  {
    const request next = co_await of.inbox.get();
    taken.push_back((clock_type::now() - next.asked).count());
  }
}

// A deadline that passes, or anything else that goes wrong, ends the program.
void rethrow(std::exception_ptr error)
{
  if (error)
    std::rethrow_exception(error);
}

// What a family did.
struct outcome
{
  const char* family;
  double seconds;
  waits all; // in rising order

  double per_second() const
  {
    return static_cast<double>(all.size()) / seconds;
  }

  double microseconds_at(double quantile) const
  {
    if (all.empty())
      return 0;
    const auto last = static_cast<double>(all.size() - 1);
    return static_cast<double>(all[static_cast<std::size_t>(last * quantile)]) /
           1e3;
  }
};

template <class Family>
outcome measured(std::chrono::duration<double> time)
{
  asio::io_context context;
  server<Family> target(context.get_executor());
  std::deque<waits> taken(workers);
  // A strand each, as the sessions of a server have.
  for (std::size_t i = 0; i != sessions; ++i)
    asio::co_spawn(asio::make_strand(context), visit(target), rethrow);
  for (waits& own : taken)
    asio::co_spawn(asio::make_strand(context), serve(target, own), rethrow);

  {
    const auto end =
        clock_type::now() + std::chrono::round<clock_type::duration>(time);
    const std::jthread other(
        [&]
        {
          context.run_until(end);
        });
    context.run_until(end);
  }

  outcome result{Family::name, time.count(), {}};
  for (const waits& own : taken)
    result.all.insert(result.all.end(), own.begin(), own.end());
  std::ranges::sort(result.all);
  return result;
}

constexpr std::pair<const char*, double> quantiles[] = {
    {"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}};

void write_table(std::ostream& out, const std::vector<outcome>& all)
{
  out << sessions << " sessions, " << workers << " workers, 2 threads\n\n"
      << std::left << std::setw(30) << "" << std::right << std::setw(12)
      << "requests/s";
  for (const auto& [name, quantile] : quantiles)
    out << std::setw(12) << name + std::string(" us");
  out << '\n' << std::fixed << std::setprecision(0);
  for (const outcome& one : all)
  {
    out << std::left << std::setw(30) << one.family << std::right
        << std::setw(12) << one.per_second();
    for (const auto& [name, quantile] : quantiles)
      out << std::setw(12) << one.microseconds_at(quantile);
    out << '\n';
  }
}

void write_json(std::ostream& out, const std::vector<outcome>& all)
{
  boost::json::array families;
  for (const outcome& one : all)
  {
    boost::json::object described{{"family", one.family},
                                  {"seconds", one.seconds},
                                  {"requests_per_second", one.per_second()}};
    for (const auto& [name, quantile] : quantiles)
      described[name + std::string("_us")] = one.microseconds_at(quantile);
    families.push_back(std::move(described));
  }
  out << boost::json::serialize(families) << '\n';
}

struct options
{
  double seconds = 5;
  std::string json_file;
};

// What the command line asks for; nothing where it asked for help and got it.
std::optional<options> parsed(int argc, const char* const* argv)
{
  namespace po = boost::program_options;

  options chosen;
  po::options_description shown("Measures a server under load");
  auto add = shown.add_options();
  add("seconds", po::value(&chosen.seconds)->default_value(5),
      "how long each family works");
  add("json", po::value(&chosen.json_file)->value_name("FILE"),
      "write the results there");
  add("help,h", "write this");

  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, shown), values);
  po::notify(values);
  if (!values.contains("help"))
    return chosen;
  std::cout << shown << '\n';
  return std::nullopt;
}

void run(const options& chosen)
{
  const std::chrono::duration<double> time(chosen.seconds);
  const std::vector<outcome> all{measured<with_toro>(time),
                                 measured<with_channels>(time)};
  write_table(std::cout, all);
  if (chosen.json_file.empty())
    return;
  std::ofstream file(chosen.json_file);
  write_json(file, all);
  if (!file.flush())
    throw std::runtime_error("cannot write " + chosen.json_file);
}

} // namespace

int main(int argc, char** argv)
try
{
  if (const auto chosen = parsed(argc, argv))
    run(*chosen);
  return 0;
}
catch (const std::exception& error)
{
  std::cerr << argv[0] << ": " << error.what() << '\n';
  return 1;
}
