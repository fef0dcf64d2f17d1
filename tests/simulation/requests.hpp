#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bodies.hpp"
#include "random.hpp"

namespace saker::simulation {

/// Whose the socket is, said twice: on the way a byte may become another.
inline std::string socket_target(const std::string& mode, std::size_t client) {
  const auto number = std::to_string(client);
  return "/ws/" + mode + "?c=" + number + "&again=" + number;
}

/// A plain request, and what its answer must be.
struct http_request_plan {
  std::string kind;
  std::size_t number = 0;
  std::size_t size = 0;

  std::string target(std::size_t client) const {
    return "/http/" + kind + "?c=" + std::to_string(client) + "&r=" + std::to_string(number) +
           "&n=" + std::to_string(size);
  }
  bool has_body() const { return kind == "echo" || kind == "pieces" || kind == "ignore"; }
  std::string body() const { return has_body() ? make_body(number, size) : std::string(); }
  bool may_end_without_answer() const { return kind == "abort"; }

  /// What is wrong with the answer, or empty.
  std::string check(int status, std::string_view answer) const {
    const int expected = kind == "throw" || kind == "later" ? 500 : kind == "error" ? 418 : 200;
    if (status != expected) {
      return "status " + std::to_string(status) + " where " + std::to_string(expected) +
             " is right";
    }
    if (expected != 200 || kind == "watch") return {};
    const auto right =
        kind == "large" || kind == "echo" || kind == "pieces" ? make_body(number, size) : "plain";
    if (answer == right) return {};
    return "a body of " + std::to_string(answer.size()) + " bytes where " +
           std::to_string(right.size()) + " others are right";
  }
};

inline http_request_plan choose_request(random& choices, std::size_t number, bool may_abort) {
  static constexpr const char* kinds[] = {"plain", "echo",   "pieces",    "large", "slow",
                                          "watch", "echo",   "elsewhere", "throw", "error",
                                          "later", "ignore", "pieces",    "plain", "abort"};
  http_request_plan plan;
  plan.number = number;
  do {
    plan.kind = kinds[choices.below(std::size(kinds))];
  } while (plan.kind == "abort" && !may_abort);
  plan.size = choices.below(choices.one_in(3) ? 250'000 : choices.one_in(2) ? 3000 : 20);
  return plan;
}

}  // namespace saker::simulation
