// SPDX-License-Identifier: BSL-1.0

// Boost.Beast unpacks the deflate data; the frame around it is read here.

#include "gzip.hpp"

#include <boost/beast/zlib/error.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>
#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace spider {

namespace {

namespace zlib = boost::beast::zlib;

constexpr std::string_view magic = "\x1f\x8b\x08";
constexpr std::size_t fixed_header_size = 10;
constexpr std::size_t trailer_size = 8;

enum header_flag : unsigned char
{
  has_checksum = 2,
  has_extra = 4,
  has_name = 8,
  has_comment = 16,
};

std::uint32_t number_at(std::string_view data, std::size_t place)
{
  std::array<unsigned char, 4> octets{};
  std::ranges::copy(data.substr(place, 4), octets.begin());
  return boost::endian::load_little_u32(octets.data());
}

// The length of the header; nothing if it is damaged.
std::optional<std::size_t> header_size(std::string_view data)
{
  if (!is_gzip(data) || data.size() < fixed_header_size)
    return std::nullopt;
  const auto octet_at = [data](std::size_t place) -> std::size_t
  {
    return static_cast<unsigned char>(data[place]);
  };
  const auto flags = octet_at(3);
  std::size_t size = fixed_header_size;
  if (flags & has_extra)
  {
    if (data.size() < size + 2)
      return std::nullopt;
    size += 2 + octet_at(size) + 256 * octet_at(size + 1);
  }
  for (const auto text : {has_name, has_comment})
  {
    if (!(flags & text))
      continue;
    const auto end = data.find('\0', size);
    if (end == std::string_view::npos)
      return std::nullopt;
    size = end + 1;
  }
  if (flags & has_checksum)
    size += 2;
  if (size > data.size())
    return std::nullopt;
  return size;
}

// Append what deflate data stands for, and take the data away.
void inflate(std::string_view& data, std::size_t limit, unpacked_text& into)
{
  // Too large for the stack of a coroutine's thread.
  const auto stream = std::make_unique<zlib::inflate_stream>();
  const auto buffer = std::make_unique<std::array<char, 32 * 1024>>();
  boost::system::error_code error;
  zlib::z_params step;
  step.next_in = data.data();
  step.avail_in = data.size();
  while (!error && !into.is_larger)
  {
    step.next_out = buffer->data();
    step.avail_out = buffer->size();
    stream->write(step, zlib::Flush::sync, error);
    const auto size = buffer->size() - step.avail_out;
    const auto room = limit - into.text.size();
    into.text.append(buffer->data(), std::min(size, room));
    into.is_larger = size > room;
  }
  data.remove_prefix(data.size() - step.avail_in);
  into.is_damaged = error && error != zlib::error::end_of_stream;
}

// Unpack one member, and take it from the data.
void unpack_member(std::string_view& data, std::size_t limit,
                   unpacked_text& into)
{
  const auto header = header_size(data);
  into.is_damaged = !header;
  if (!header)
    return;
  data.remove_prefix(*header);
  const auto begin = into.text.size();
  inflate(data, limit, into);
  if (into.is_larger || into.is_damaged)
    return;
  boost::crc_32_type checksum;
  checksum.process_bytes(into.text.data() + begin, into.text.size() - begin);
  into.is_damaged = data.size() < trailer_size ||
                    number_at(data, 0) != checksum.checksum() ||
                    number_at(data, 4) !=
                        static_cast<std::uint32_t>(into.text.size() - begin);
  data.remove_prefix(std::min(data.size(), trailer_size));
}

} // namespace

bool is_gzip(std::string_view data)
{
  return data.starts_with(magic);
}

unpacked_text unpack_gzip(std::string_view data, std::size_t limit)
{
  unpacked_text all;
  do
    unpack_member(data, limit, all);
  while (is_gzip(data) && !all.is_larger && !all.is_damaged);
  return all;
}

} // namespace spider
