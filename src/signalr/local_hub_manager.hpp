#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "signalr/audience.hpp"
#include "signalr/client_results.hpp"
#include "signalr/hub_manager.hpp"

namespace saker::signalr {

/// The connections of one process, found by index: by id, by group, by user.
class local_hub_manager final : public hub_manager {
 public:
  /// `waits`: the overflow policy lets senders wait.
  explicit local_hub_manager(bool waits) noexcept : waits_(waits) {}

  void on_connected(const std::shared_ptr<hub_connection>& connection) override;
  void on_disconnected(const std::shared_ptr<hub_connection>& connection) override;
  bool on_result(const hub_connection& from, hub_message& completion) override;

  delivery send(const recipients& to, hub_message invocation) override;
  task<json> invoke(std::string connection_id, hub_message invocation,
                    std::stop_token stop) override;
  delivery add_to_group(std::string_view connection_id, std::string_view group) override;
  delivery remove_from_group(std::string_view connection_id, std::string_view group) override;

  std::size_t count() const override { return all_.size(); }
  std::size_t count(std::string_view group) const override;
  std::vector<std::string> members(std::string_view group) const override;

 private:
  using audiences = std::map<std::string, std::shared_ptr<audience>, std::less<>>;

  std::shared_ptr<hub_connection> find(std::string_view connection_id) const;
  std::shared_ptr<audience> find(const audiences& in, std::string_view name) const;
  bool join(audiences& in, std::string_view name, const std::shared_ptr<hub_connection>& who);
  void leave(audiences& in, std::string_view name, const std::shared_ptr<hub_connection>& who);

  const bool waits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<hub_connection>> connections_;
  audience all_;
  audiences groups_;
  audiences users_;
  client_results results_;
};

}  // namespace saker::signalr
