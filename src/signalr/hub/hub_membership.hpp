#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace saker::signalr {

/// Says whether a client has been let into its hub, by `on_connected`, and which groups it must
/// leave in the end.
///
/// Owner: hub_connection. Thread rule: the connection's loop; the groups: whoever holds the
/// endpoint's groups_mutex.
class hub_membership {
 public:
  using group_names = std::set<std::string, std::less<>>;

  void begin_entering() noexcept { entrance_ = entrance::within; }
  void end_entering(bool is_let_in) noexcept {
    entrance_ = is_let_in ? entrance::behind : entrance::refused;
  }
  /// `on_connected` runs.
  bool is_entering() const noexcept { return entrance_ == entrance::within; }
  bool has_entered() const noexcept { return entrance_ == entrance::behind; }
  bool is_refused() const noexcept { return entrance_ == entrance::refused; }

  /// False: it has left all of them already.
  bool remember_group(std::string_view group) {
    if (has_left_) return false;
    if (!groups_) groups_ = std::make_unique<group_names>();
    groups_->emplace(group);
    return true;
  }
  void forget_group(std::string_view group) {
    if (!groups_) return;
    const auto found = groups_->find(group);
    if (found != groups_->end()) groups_->erase(found);
  }
  group_names take_groups() {
    has_left_ = true;
    const auto taken = std::exchange(groups_, nullptr);
    return taken ? std::move(*taken) : group_names();
  }

 private:
  enum class entrance : std::uint8_t { before, within, behind, refused };

  std::unique_ptr<group_names> groups_;  ///< From the first one on.
  bool has_left_ = false;
  entrance entrance_ = entrance::before;
};

}  // namespace saker::signalr
