#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "signalr/hub/audience.hpp"
#include "signalr/hub/client_results.hpp"
#include "signalr/hub/hub_manager.hpp"
#include "signalr/hub/hub_protocols.hpp"

namespace saker::signalr {

/// How many clients there are that get values in each format. From any thread.
struct clients_by_format {
  std::atomic<std::size_t> json = 0;
  std::atomic<std::size_t> messagepack = 0;
};

/// The connections of one process, found by index: by id, by group, by user. One that also reaches
/// those of other processes is derived from it.
class local_hub_manager : public hub_manager {
 public:
  /// How many groups a connection that has gone leaves in one turn of its loop.
  static constexpr std::size_t groups_left_at_once = 256;

  explicit local_hub_manager(const hub_endpoint_options& options)
      : protocols_(options.hub),
        policy_(options.connection.overflow_policy),
        chosen_(options.hub.encodings()),
        mails_(mail_limit::of(options.connection)),
        all_(mails_) {}

  const hub_protocols& protocols() const noexcept override { return protocols_; }

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

  std::size_t count() const override { return all_.size(); }
  std::size_t count(std::string_view group) const override;
  std::vector<std::string> members(std::string_view group) const override;

 protected:
  std::shared_ptr<hub_connection> find(std::string_view connection_id) const;
  delivery deliver(const recipients& to, const std::shared_ptr<broadcast>& what, patience how);
  patience patience_for(const recipients& to) const noexcept;
  /// Passes on a question of that id, and the answer.
  void ask(const std::shared_ptr<hub_connection>& whom, const std::string& invocation_id,
           const std::shared_ptr<const broadcast>& question, client_results::listener answer);
  /// Leaves out those of that list who are here.
  void exclude(broadcast& what, const std::vector<std::string>& connection_ids) const;
  void send_to(const std::shared_ptr<hub_connection>& whom, const std::shared_ptr<broadcast>& what,
               room_request& room);
  const audience& everybody() const noexcept { return all_; }
  /// The formats that the hub's options choose.
  const detail::wanted_encodings& chosen() const noexcept { return chosen_; }

  // A group or a user gets a first member and loses the last one: in that order, under the lock.
  virtual void on_audience_begun(recipients::kind, std::string_view /*name*/,
                                 const std::shared_ptr<audience>& /*members*/) {}
  virtual void on_audience_ended(recipients::kind, std::string_view /*name*/) {}

 private:
  using audiences = std::map<std::string, std::shared_ptr<audience>, std::less<>>;

  std::shared_ptr<audience> find(const audiences& in, std::string_view name) const;
  recipients::kind kind_of(const audiences& which) const noexcept {
    return &which == &groups_ ? recipients::kind::groups : recipients::kind::users;
  }
  bool join(audiences& in, std::string_view name, const std::shared_ptr<hub_connection>& who);
  void leave(audiences& in, std::string_view name, const hub_connection& who);
  std::atomic<std::size_t>& clients_like(const hub_connection& each) noexcept;

  const hub_protocols protocols_;
  const overflow_policy policy_;
  const detail::wanted_encodings chosen_;
  clients_by_format clients_;
  post_office mails_;
  mutable std::mutex mutex_;
  /// By the connections' own ids.
  std::unordered_map<std::string_view, std::shared_ptr<hub_connection>> connections_;
  audience all_;
  audiences groups_;
  audiences users_;
  client_results results_;
};

}  // namespace saker::signalr
