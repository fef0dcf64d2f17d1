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

/// The connections of a hub on all servers that share a Redis: those of other processes through
/// channels. Each audience here receives its channel.
///
/// Owner: the application; it must outlive the bus's thread. Thread rule: any thread.
class redis_hub_manager final : public local_hub_manager {
 public:
  redis_hub_manager(redis::bus& bus, const settings& common, reception& counts,
                    const hub_endpoint_options& options);

  delivery on_connected(const std::shared_ptr<hub_connection>& connection) override;
  task<void> on_disconnected(std::shared_ptr<hub_connection> connection) override;

  detail::wanted_encodings wanted(const recipients& to) const override;
  delivery send(const recipients& to, hub_message invocation,
                detail::encoded_values arguments) override;
  task<detail::client_value> invoke(std::string connection_id, hub_message invocation,
                                    detail::encoded_values arguments,
                                    std::stop_token stop) override;
  delivery add_to_group(std::string_view connection_id, std::string_view group) override;
  delivery remove_from_group(std::string_view connection_id, std::string_view group) override;

 private:
  class published;

  void on_audience_begun(recipients::kind what, std::string_view name,
                         const std::shared_ptr<audience>& members) override;
  void on_audience_ended(recipients::kind what, std::string_view name) override;

  std::string channel_of(recipients::kind what, std::string_view name) const;
  std::string payload_of(const outgoing_message& message, const invocation& rest) const;
  delivery send_to_connections(const recipients& to, const std::shared_ptr<broadcast>& what);
  delivery change_group(std::string_view connection_id, std::string_view group,
                        group_action action);
  delivery confirmed(const std::vector<std::string>& channels);

  bool is_echo(std::string_view payload);
  std::shared_ptr<broadcast> broadcast_of(const invocation& message);
  void take_for(const audience& whom, std::string_view payload);
  void take_for(const std::shared_ptr<hub_connection>& whom, std::string_view payload);
  void take_command(std::string_view payload);
  void take_answer(std::string_view payload);
  void pass_on(const std::shared_ptr<hub_connection>& whom, const invocation& question,
               const std::shared_ptr<const broadcast>& message);
  task<void> acknowledge(group_command command, delivery done);

  redis::bus& bus_;
  const settings& settings_;
  reception& counts_;
  const channels channels_;
  std::vector<const spoken_protocol*> published_;
  client_results answers_;
  pending_commands commands_;
};

}  // namespace saker::signalr::backplane
