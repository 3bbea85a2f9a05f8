// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/diagnosis.hpp>

#include <boost/core/no_exceptions_support.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <unordered_map>

namespace toro::detail {

namespace {

// The name of a wait or of an owner, and when it began.
struct note
{
  std::string name;
  diagnosis::time_point since;
};

unsigned byte_at(std::string_view text, std::size_t position)
{
  return position < text.size() ? static_cast<unsigned char>(text[position])
                                : 0;
}

// The length of the first character of a text in UTF-8, or zero if it is not
// printable.
std::size_t printable(std::string_view text)
{
  const unsigned first = byte_at(text, 0);
  if (first < 0x80)
    return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t size = first >= 0xf0   ? 4
                           : first >= 0xe0 ? 3
                           : first >= 0xc2 ? 2
                                           : 0;
  for (std::size_t i = 1; i < size; ++i)
  {
    if ((byte_at(text, i) & 0xc0) != 0x80)
      return 0;
  }
  // U+0080 to U+009F are control characters, too.
  return first == 0xc2 && byte_at(text, 1) < 0xa0 ? 0 : size;
}

// Names may come from outside the program: bytes that could break a line or
// control a terminal are written as escape sequences.
std::string quoted(std::string_view name)
{
  std::string text = "\"";
  while (!name.empty())
  {
    const std::size_t size = printable(name);
    if (size == 0)
    {
      char escape[5];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte_at(name, 0));
      text += escape;
    }
    else
    {
      if (name.front() == '"' || name.front() == '\\')
        text += '\\';
      text += name.substr(0, size);
    }
    name.remove_prefix(size == 0 ? 1 : size);
  }
  return text + '"';
}

std::string seconds(diagnosis::time_point::duration time)
{
  const double value = std::chrono::duration<double>(time).count();
  char text[40];
  std::snprintf(text, sizeof text, "%.3f s", value);
  return text;
}

// The name, if there is one, and how long it has lasted.
std::string by(const note& n, diagnosis::time_point now)
{
  // The wait or the owner may be newer than the time of the dump.
  const std::string length =
      " for " + seconds(std::max(now, n.since) - n.since);
  return n.name.empty() ? length : " by " + quoted(n.name) + length;
}

} // namespace

struct diagnosis::ownership : note, boost::intrusive::list_base_hook<>
{
  std::string how;
};

struct diagnosis::notes
{
  ~notes()
  {
    ownerships.clear_and_dispose(std::default_delete<ownership>());
  }

  std::string name;
  boost::intrusive::list<ownership> ownerships;
  std::unordered_map<const void*, note> waits;
};

diagnosis::notes& diagnosis::made()
{
  if (!notes_)
    notes_ = new notes();
  return *notes_;
}

void diagnosis::destroy() noexcept
{
  delete notes_;
}

void diagnosis::set_name(std::string_view name)
{
  made().name = name;
}

diagnosis::ownership& diagnosis::add_ownership(std::string_view name,
                                               std::string_view how,
                                               time_point since)
{
  auto added = std::make_unique<ownership>();
  added->name = name;
  added->how = how;
  added->since = since;
  made().ownerships.push_back(*added);
  return *added.release();
}

void diagnosis::rename_ownership(ownership& which, std::string_view name)
{
  which.name = name;
}

void diagnosis::restate_ownership(ownership& which,
                                  std::string_view how) noexcept
{
  BOOST_TRY
  {
    which.how = how;
  }
  BOOST_CATCH(...)
  {
  }
  BOOST_CATCH_END
}

void diagnosis::remove_ownership(ownership& which) noexcept
{
  notes_->ownerships.erase_and_dispose(notes_->ownerships.iterator_to(which),
                                       std::default_delete<ownership>());
}

void diagnosis::add_wait(const void* wait, std::string_view name,
                         time_point since)
{
  made().waits.insert_or_assign(wait, note{std::string(name), since});
}

void diagnosis::forget(const void* wait) noexcept
{
  notes_->waits.erase(wait);
}

void dump_text::begin(std::string_view description, const diagnosis& known)
{
  known_ = known.notes_;
  text_ += description;
  if (known_ && !known_->name.empty())
    text_ += ' ' + quoted(known_->name);
  text_ += '\n';
  if (known_)
  {
    for (const diagnosis::ownership& h : known_->ownerships)
      text_ += "  " + h.how + by(h, now_) + '\n';
  }
}

void dump_text::wait(const void* which, std::string_view operation,
                     std::size_t count, time_point expiry)
{
  text_ += "  ";
  text_ += operation;
  if (count != 1)
    text_ += '(' + std::to_string(count) + ')';
  if (known_)
  {
    const auto found = known_->waits.find(which);
    if (found != known_->waits.end())
      text_ += by(found->second, now_);
  }
  if (expiry == time_point::max())
    text_ += ", no deadline";
  else if (expiry > now_)
    text_ += ", deadline in " + seconds(expiry - now_);
  else
    text_ += ", deadline passed " + seconds(now_ - expiry) + " ago";
  text_ += '\n';
}

void dump_text::undelivered(std::size_t count)
{
  if (count != 0)
    text_ += "  granted, not delivered: " + std::to_string(count) + '\n';
}

void dump_text::elsewhere(std::size_t count)
{
  if (count != 0)
    text_ += "strand_bound, to be dumped from their strands: " +
             std::to_string(count) + '\n';
}

} // namespace toro::detail
