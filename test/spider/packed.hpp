// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SPIDER_PACKED_HPP
#define TORO_TEST_SPIDER_PACKED_HPP

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>

#include <cstdint>
#include <string>

namespace spider_test {

inline std::string little_endian(std::uint32_t number)
{
  std::string octets;
  for (int i = 0; i != 4; ++i, number >>= 8)
    octets += static_cast<char>(number & 0xff);
  return octets;
}

// A text as gzip data.
inline std::string packed(const std::string& text)
{
  namespace zlib = boost::beast::zlib;
  zlib::deflate_stream stream;
  std::string out(stream.upper_bound(text.size()) + 64, '\0');
  zlib::z_params step;
  step.next_in = text.data();
  step.avail_in = text.size();
  step.next_out = out.data();
  step.avail_out = out.size();
  boost::system::error_code error;
  stream.write(step, zlib::Flush::finish, error);
  out.resize(out.size() - step.avail_out);
  boost::crc_32_type checksum;
  checksum.process_bytes(text.data(), text.size());
  return std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10) + out +
         little_endian(checksum.checksum()) +
         little_endian(static_cast<std::uint32_t>(text.size()));
}

} // namespace spider_test

#endif // TORO_TEST_SPIDER_PACKED_HPP
