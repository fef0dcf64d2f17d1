#pragma once

namespace saker::testing {

/// While it lives, one allocation of this thread fails: the n-th.
class scarce_memory {
 public:
  explicit scarce_memory(int nth) noexcept;
  scarce_memory(const scarce_memory&) = delete;
  scarce_memory& operator=(const scarce_memory&) = delete;
  ~scarce_memory();

  /// False: there were not so many allocations.
  bool has_failed() const noexcept;
};

}  // namespace saker::testing
