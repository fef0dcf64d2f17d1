#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "client.hpp"

namespace saker::simulation {

/// The program of a hub client, as a transport sees it.
class hub_user {
 public:
  virtual void on_connected() = 0;
  /// Bytes of the hub protocol; messages end with 0x1e.
  virtual void on_text(std::string_view text) = 0;
  virtual void on_lost(const std::string& how) = 0;

 protected:
  ~hub_user() = default;
};

/// How the bytes of a hub client travel.
class hub_transport {
 public:
  virtual ~hub_transport() = default;
  virtual void start() = 0;
  virtual void send(std::string text) = 0;
  /// Ends in order.
  virtual void stop() = 0;
};

/// Opens a link of the client's for a user that is known then.
using link_opener = std::function<link&(link_user&)>;

enum class hub_way { websocket, websocket_over_http2, server_sent_events, long_polling };

std::unique_ptr<hub_transport> make_hub_transport(hub_way way, link_opener open, hub_user& user,
                                                  random choices);

}  // namespace saker::simulation
