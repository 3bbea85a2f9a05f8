// SPDX-License-Identifier: BSL-1.0

// What stands in for tls.cpp in a build without OpenSSL.

#include "connection.hpp"

namespace spider {

bool has_tls()
{
  return false;
}

std::shared_ptr<tls_settings> make_tls_settings(const tls_options&)
{
  return nullptr;
}

} // namespace spider
