#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/bus.hpp"
#include "signalr/backplane/channels.hpp"
#include "signalr/backplane/messages.hpp"
#include "signalr/backplane/pending_commands.hpp"
#include "signalr/hub/client_results.hpp"
#include "signalr/hub/hub_protocols.hpp"
#include "signalr/hub/local_hub_manager.hpp"

namespace saker::signalr::backplane {

/// What all hubs of a server have in common on the backplane.
struct settings {
  std::string channel_prefix;
  std::string server_name;
  std::string origin;  ///< Empty: messages of one's own come back and are delivered then.
  std::chrono::milliseconds acknowledgement_timeout{30'000};
};

/// What has come from other servers and could not be used. Any thread.
class reception {
 public:
  void count_echo() noexcept { ++echoes_; }
  /// Logged the first time.
  void count_malformed(std::string_view channel, const std::string& why);
  void count_unserved(std::string_view protocol);

  std::uint64_t echoes() const noexcept { return echoes_; }
  std::uint64_t malformed() const noexcept { return malformed_; }
  std::uint64_t unserved() const noexcept { return unserved_; }

 private:
  std::atomic<std::uint64_t> echoes_ = 0;
  std::atomic<std::uint64_t> malformed_ = 0;
  std::atomic<std::uint64_t> unserved_ = 0;
};

/// The connections of a hub on all servers that share a Redis: those of this process through a
/// local_hub_manager, the others through channels.
class redis_hub_manager final : public hub_manager,
                                private redis::channel_receiver,
                                private audience_watcher {
 public:
  redis_hub_manager(redis::bus& bus, const settings& common, reception& counts,
                    const hub_endpoint_options& options);

  const hub_protocols& protocols() const noexcept override { return local_.protocols(); }

  delivery on_connected(const std::shared_ptr<hub_connection>& connection) override;
  task<void> on_disconnected(std::shared_ptr<hub_connection> connection) override;
  bool on_result(const hub_connection& from, const hub_message& completion) override;

  detail::wanted_encodings wanted(const recipients& to) const override;
  delivery send(const recipients& to, hub_message invocation,
                detail::encoded_values arguments) override;
  task<detail::client_value> invoke(std::string connection_id, hub_message invocation,
                                    detail::encoded_values arguments,
                                    std::stop_token stop) override;
  delivery add_to_group(std::string_view connection_id, std::string_view group) override;
  delivery remove_from_group(std::string_view connection_id, std::string_view group) override;

  std::size_t count() const override { return local_.count(); }
  std::size_t count(std::string_view group) const override { return local_.count(group); }
  std::vector<std::string> members(std::string_view group) const override {
    return local_.members(group);
  }

 private:
  class published;

  // redis::channel_receiver
  void on_message(std::string_view channel, std::string_view payload) override;
  // audience_watcher
  void on_audience_begun(recipients::kind what, std::string_view name) override;
  void on_audience_ended(recipients::kind what, std::string_view name) override;

  std::string channel_of(recipients::kind what, std::string_view name) const;
  std::string payload_of(const outgoing_message& message, const invocation& rest) const;
  delivery send_to_connections(const recipients& to, const std::shared_ptr<broadcast>& what);
  delivery change_group(std::string_view connection_id, std::string_view group,
                        group_action action);
  delivery confirmed(const std::vector<std::string>& channels);

  void take(std::string_view purpose, std::string_view channel, std::string_view payload);
  void take_invocation(const recipients& to, std::string_view payload);
  void take_command(std::string_view payload);
  void take_answer(std::string_view payload);
  void pass_on(const std::shared_ptr<hub_connection>& whom, const invocation& question,
               const std::shared_ptr<const broadcast>& message);
  task<void> acknowledge(group_command command, delivery done);

  redis::bus& bus_;
  const settings& settings_;
  reception& counts_;
  const channels channels_;
  const detail::wanted_encodings chosen_;
  std::vector<const spoken_protocol*> published_;
  local_hub_manager local_;
  client_results answers_;
  pending_commands commands_;
};

}  // namespace saker::signalr::backplane
