// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_OPEN_FILES_HPP
#define TORO_EXAMPLE_WEB_SPIDER_OPEN_FILES_HPP

#include <cstddef>

namespace spider {

/// Let the process have @p wanted open files, if the system permits it.
/** @returns How many it may have. */
std::size_t permit_open_files(std::size_t wanted);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_OPEN_FILES_HPP
