#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "link.hpp"
#include "random.hpp"
#include "world.hpp"

namespace saker::simulation {

/// A client: a program that speaks a protocol as it should, on links whose manners may be bad.
///
/// An honest one (manners::honest) checks everything that it is owed; the others only what holds
/// for everybody: nothing twice, nothing out of order, and their memory back in time.
class client {
 public:
  client(world& in, std::size_t index, random choices, const manners& how)
      : world_(in), index_(index), choices_(choices), how_(how) {}
  virtual ~client() = default;
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// What it is, for messages.
  virtual std::string name() const = 0;
  virtual void start() = 0;
  /// It has done all that it wanted to.
  virtual bool finished() const = 0;
  /// It need not come to its end.
  virtual bool waits_for_others() const { return false; }
  /// Since when it has waited for what the server owes it; 0: it does not wait.
  virtual nanoseconds waiting_since() const { return 0; }
  /// What it waits for, for messages.
  virtual std::string waiting_for() const { return {}; }
  /// Ends what it still has.
  virtual void leave();
  /// Checks what must hold when nothing comes any more.
  virtual void check_end() {}

  std::size_t index() const noexcept { return index_; }
  bool honest() const noexcept { return how_.honest(); }
  /// It takes a byte a second, and so is never given up.
  bool trickles() const { return how_.reads == manners::pace::slow && live_links() > 0; }
  bool all_links_over() const;
  std::size_t held() const;
  std::size_t live_links() const;
  std::string describe_links() const;

 protected:
  link& open_link(link_user& user);
  [[noreturn]] void fail(const std::string& what) const;
  void note(const std::string& what) const;
  nanoseconds now() const noexcept { return world_.now(); }

  world& world_;
  const std::size_t index_;
  random choices_;
  manners how_;
  std::vector<std::unique_ptr<link>> links_;
};

// What there is, made with the choices of one client.
std::unique_ptr<client> make_http1_client(world& in, std::size_t index, random choices,
                                          const manners& how);
std::unique_ptr<client> make_http2_client(world& in, std::size_t index, random choices,
                                          const manners& how);
std::unique_ptr<client> make_websocket_client(world& in, std::size_t index, random choices,
                                              const manners& how);
std::unique_ptr<client> make_hub_client(world& in, std::size_t index, random choices,
                                        const manners& how);
std::unique_ptr<client> make_flood_client(world& in, std::size_t index, random choices,
                                          const manners& how);

}  // namespace saker::simulation
