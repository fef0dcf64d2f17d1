#pragma once

#include <utility>

#include <saker/async/event_loop.hpp>

namespace saker::async {

/// Now when that is the current loop, else posted, in the order of the calls.
template <class Work>
void run_on(event_loop& loop, Work work) {
  if (loop.is_current()) {
    work();
  } else {
    loop.post(std::move(work));
  }
}

}  // namespace saker::async
