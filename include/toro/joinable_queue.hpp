// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_JOINABLE_QUEUE_HPP
#define TORO_JOINABLE_QUEUE_HPP

#include <toro/queue.hpp>

namespace toro {

/// Toro's name for basic_queue: here every queue can be joined.
/**
 * @tparam T The type of the items.
 *
 * @sa basic_queue
 */
template <class T>
using joinable_queue = queue<T>;

} // namespace toro

#endif // TORO_JOINABLE_QUEUE_HPP
