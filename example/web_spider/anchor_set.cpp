// SPDX-License-Identifier: BSL-1.0

#include "anchor_set.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <functional>

#include "url_text.hpp"

namespace spider {

namespace {

std::size_t hash_of(std::string_view name)
{
  return std::hash<std::string_view>{}(name);
}

} // namespace

void anchor_set::add(std::string_view name)
{
  hashes_.push_back(hash_of(name));
}

void anchor_set::finish()
{
  std::ranges::sort(hashes_);
  const auto rest = std::ranges::unique(hashes_);
  hashes_.erase(rest.begin(), rest.end());
  hashes_.shrink_to_fit();
}

bool anchor_set::contains(std::string_view fragment) const
{
  return fragment.empty() || boost::iequals(fragment, "top") ||
         std::ranges::binary_search(hashes_, hash_of(fragment)) ||
         std::ranges::binary_search(hashes_,
                                    hash_of(percent_decoded(fragment)));
}

} // namespace spider
