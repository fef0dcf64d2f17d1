#pragma once

#include <functional>

#include "async/deadline.hpp"
#include "io/loop_io.hpp"

namespace saker::io {

/// Accepts connections on one loop. When that fails, as where the process has no descriptors left,
/// it pauses for a moment instead of spinning, and is logged once a second at most; what waits in
/// the backlog is served afterwards.
class listener final : private pollable {
 public:
  using accepted = std::function<void(int descriptor)>;

  /// Takes over a listening descriptor.
  listener(event_loop& loop, int descriptor, accepted on_accept);
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

 private:
  static constexpr int most_per_turn = 64;

  void on_ready(readiness ready) override;
  void pause();

  loop_io& io_;
  int descriptor_;
  accepted on_accept_;
  async::deadline resume_;
};

}  // namespace saker::io
