#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <saker/signalr/hub/clients.hpp>
#include <saker/signalr/protocol/hub_message.hpp>

namespace saker::signalr {

class hub_connection;
class hub_protocols;

/// Who is connected to a hub, and how to reach them: the counterpart of HubLifetimeManager, where
/// scaling out to other servers plugs in. Thread rule: any thread.
class hub_manager {
 public:
  hub_manager() = default;
  hub_manager(const hub_manager&) = delete;
  hub_manager& operator=(const hub_manager&) = delete;
  virtual ~hub_manager() = default;

  virtual const hub_protocols& protocols() const noexcept = 0;

  // From the connection's loop.
  /// What it returns ends when everybody who sends reaches the connection.
  virtual delivery on_connected(const std::shared_ptr<hub_connection>& connection) = 0;
  /// Leaves what it is in, in portions: others have their turns between them.
  virtual task<void> on_disconnected(std::shared_ptr<hub_connection> connection) = 0;
  /// A client has answered an invocation. False: nobody waits for that.
  virtual bool on_result(const hub_connection& from, const hub_message& completion) = 0;

  /// The formats of the clients that may get it.
  virtual detail::wanted_encodings wanted(const recipients& to) const = 0;
  virtual delivery send(const recipients& to, hub_message invocation,
                        detail::encoded_values arguments) = 0;
  /// Asks a client for a value.
  virtual task<detail::client_value> invoke(std::string connection_id, hub_message invocation,
                                            detail::encoded_values arguments,
                                            std::stop_token stop) = 0;
  virtual delivery add_to_group(std::string_view connection_id, std::string_view group) = 0;
  virtual delivery remove_from_group(std::string_view connection_id, std::string_view group) = 0;

  virtual std::size_t count() const = 0;
  virtual std::size_t count(std::string_view group) const = 0;
  virtual std::vector<std::string> members(std::string_view group) const = 0;
};

}  // namespace saker::signalr
