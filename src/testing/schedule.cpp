// SPDX-License-Identifier: BSL-1.0
#include <toro/testing/schedule.hpp>

#include <string>

namespace toro::testing::detail {

namespace {

// SplitMix64. Why not <random>: its distributions differ between standard
// libraries.
std::uint64_t next_random(std::uint64_t& state) noexcept
{
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

// The upper half of a random number, mapped to 0 to count - 1.
std::size_t pick(std::uint64_t& state, std::uint64_t count) noexcept
{
  return static_cast<std::size_t>(((next_random(state) >> 32) * count) >> 32);
}

} // namespace

std::size_t schedule::decide(std::size_t ready)
{
  const std::size_t position = decisions_++;
  std::size_t taken = is_random_ ? pick(random_, ready) : 0;
  if (position < replayed_)
  {
    const choice expected = made_[position];
    if (expected.of != ready || expected.taken >= expected.of)
      throw schedule_mismatch(
          "the replay differs: at decision " + std::to_string(position + 1) +
          " there are " + std::to_string(ready) +
          " ready handlers, and there were " + std::to_string(expected.of));
    taken = expected.taken;
  }
  else if (handlers_ <= recorded_)
  {
    made_.push_back(
        {static_cast<std::uint32_t>(taken), static_cast<std::uint32_t>(ready)});
  }
  else
  {
    bounded_ = true;
  }
  fingerprint_ =
      (fingerprint_ ^ (ready * 0x100000001b3U + taken)) * 0x9e3779b97f4a7c15U;
  return taken;
}

bool advance(choices& path) noexcept
{
  while (!path.empty() && path.back().taken + 1 == path.back().of)
    path.pop_back();
  if (path.empty())
    return false;
  ++path.back().taken;
  return true;
}

double progress(const choices& path) noexcept
{
  double before = 0;
  double width = 1;
  for (const choice& c : path)
  {
    width /= c.of;
    before += width * c.taken;
  }
  return before;
}

std::string to_text(const choices& path)
{
  std::string text = "{";
  for (const choice& c : path)
  {
    if (text.size() > 1)
      text += ", ";
    text += '{' + std::to_string(c.taken) + ", " + std::to_string(c.of) + '}';
  }
  return text += '}';
}

} // namespace toro::testing::detail
