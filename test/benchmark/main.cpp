// SPDX-License-Identifier: BSL-1.0

#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <regex>
#include <stdexcept>

#include "callgrind.hpp"
#include "options.hpp"
#include "report.hpp"
#include "workloads.hpp"

namespace {

using namespace bench;

rows all_rows()
{
  rows all;
  add_floors(all);
  add_uncontended(all);
  add_guards(all);
  add_handoff(all);
  add_queue(all);
  add_broadcast(all);
  add_deadlines(all);
  add_threads(all);
  add_questions(all);
  add_cancellation(all);
  add_children(all);
  add_deliveries(all);
  add_selection(all);
  return all;
}

void run_once(const rows& all, const options& chosen)
{
  const auto found = std::ranges::find(all, chosen.only, &row::name);
  if (found == all.end())
    throw std::runtime_error("there is no row called " + chosen.only);
  trial t(whole_batches(*found, chosen.how.operations.value_or(1000)));
  const procedure& chosen_part = chosen.base ? found->base : found->run;
  if (!chosen_part)
    throw std::runtime_error(chosen.only + " has no base");
  chosen_part(t);
}

results measure_all(const rows& all, const options& chosen)
{
  results measured;
  table out(std::cout);
  for (const row& what : all)
  {
    result line{what, measure(what, chosen.how)};
    if (chosen.instructions && what.what.countable)
      line.is.instructions_per = instructions_per_operation(what);
    out.write(line);
    measured.push_back(std::move(line));
  }
  out.write_summary(measured);
  return measured;
}

void write_file(const std::string& name, const results& measured,
                void (*write)(std::ostream&, const results&))
{
  if (name.empty())
    return;
  std::ofstream file(name);
  write(file, measured);
  if (!file.flush())
    throw std::runtime_error("cannot write " + name);
}

void run(const options& chosen)
{
  rows all = all_rows();
  if (!chosen.only.empty())
    return run_once(all, chosen);

  const std::regex filter(chosen.filter);
  std::erase_if(all,
                [&](const row& what)
                {
                  return !std::regex_search(what.name(), filter);
                });
  if (chosen.list)
  {
    for (const row& what : all)
      std::cout << what.name() << '\n';
    return;
  }
  const results measured = measure_all(all, chosen);
  write_file(chosen.json_file, measured, write_json);
  write_file(chosen.svg_file, measured, write_svg);
}

} // namespace

int main(int argc, char** argv)
try
{
  if (const auto chosen = parse_options(argc, argv))
    run(*chosen);
  return 0;
}
catch (const std::exception& error)
{
  std::cerr << argv[0] << ": " << error.what() << '\n';
  return 1;
}
