#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::async {

/// A kind of work, as a report calls it. Each folder has one constant for each.
struct work_kind {
  std::string_view one;   ///< "request"
  std::string_view many;  ///< "requests"
  bool holds_stop;        ///< Whether a stop waits for it until its deadline.
};

/// Of connections that no handler writes to any more: no stop waits long for who does not read.
inline constexpr work_kind unread_output{"connection whose peer did not read",
                                         "connections whose peers did not read", false};

/// What is still to be done: what a stop waits for, and what it has cut off in the end.
class work_report {
 public:
  /// Most names of one kind that are told; the others are counted.
  static constexpr std::size_t most_names = 10;
  static constexpr std::size_t longest_name = 120;

  /// `name` makes the text that says which; it is called only for as many as are told.
  template <class Name>
  void add(const work_kind& kind, Name&& name) {
    if (auto& of = count(kind); wants_names_ && of.names.size() < most_names) {
      of.add_name(std::forward<Name>(name)());
    }
  }
  void add(const work_kind& kind) { count(kind); }
  void add(const work_report& other);

  /// Only counts from now on.
  void leave_out_names() noexcept { wants_names_ = false; }
  bool empty() const noexcept { return kinds_.empty(); }
  bool holds_stop() const noexcept;
  /// "2 requests (GET /slow, POST /upload), 1 WebSocket".
  std::string text() const;

 private:
  struct counted {
    const work_kind* kind;
    std::size_t count = 0;
    std::vector<std::pair<std::string, std::size_t>> names = {};

    void add_name(std::string name, std::size_t times = 1);
  };

  counted& count(const work_kind& kind, std::size_t times = 1);

  std::vector<counted> kinds_;
  bool wants_names_ = true;
};

}  // namespace saker::async
