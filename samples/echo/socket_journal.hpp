#pragma once

#include <saker/saker.hpp>

#include <mutex>
#include <set>
#include <string>
#include <string_view>

/// Knows which sockets are open and what carries each: HTTP/1.1 with a connection of its own, or a
/// stream of HTTP/2. Any thread.
class socket_journal {
 public:
  /// What is known of one socket.
  struct entry {
    std::string id;  ///< What the page calls it: `?socket=...`; empty when it does not.
    std::string path;
    std::string method;
    std::string protocol;
    std::string connection;
    std::string tls;
  };

  /// A socket's place, as long as it is open.
  class place {
   public:
    place(socket_journal& journal, saker::http_context& context);
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place();

   private:
    socket_journal& journal_;
    entry entry_;
  };

  /// GET /sockets and /sockets/{id}: JSON.
  saker::task<void> list(saker::http_context& context) const;
  saker::task<void> show(saker::http_context& context) const;

 private:
  mutable std::mutex mutex_;
  std::set<const entry*> open_;
};
