#include "http/features/precompressed.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/http/message/error.hpp>

#include "http/message/accept.hpp"

namespace saker::http {

namespace {

struct content_coding {
  std::string_view name;
  std::string_view extension;
  int quality = 0;
};

bool is_better(const content_coding& left, const content_coding& right) noexcept {
  return left.quality > right.quality;
}

/// Best first; of equal ones in the order in which they stand here.
std::array<content_coding, 3> ranked_codings(const std::vector<std::string_view>& accepted) {
  std::array<content_coding, 3> ranked{{{"br", ".br"}, {"zstd", ".zst"}, {"gzip", ".gz"}}};
  for (auto at = ranked.begin(); at != ranked.end(); ++at) {
    at->quality = coding_quality(accepted, at->name);
    std::rotate(std::upper_bound(ranked.begin(), at, *at, is_better), at, std::next(at));
  }
  return ranked;
}

std::optional<file> sibling_of(const file& original, const opened_root& root,
                               const std::string& path) {
  try {
    auto found = root.open_file(path);
    if (found && found->is_older_than(original)) found.reset();
    return found;
  } catch (const http_error&) {
    return std::nullopt;  // The log says why, and the original is as good.
  }
}

}  // namespace

void negotiate_coding(representation& sent, const headers& request, const opened_root& root,
                      const std::string& path) {
  const auto accepted = request.list("Accept-Encoding");
  const auto ranked = ranked_codings(accepted);
  const int wanted = std::max(coding_quality(accepted, "identity"), 1);
  // Others might get something else: that is not worth a look.
  sent.depends_on_coding = ranked.front().quality < wanted;
  if (sent.depends_on_coding) return;
  for (const auto& coding : ranked) {
    auto sibling = sibling_of(sent.source, root, path + std::string(coding.extension));
    if (!sibling) continue;
    sent.depends_on_coding = true;
    if (coding.quality < wanted) return;
    sent.source = std::move(*sibling);
    sent.content_coding = coding.name;
    return;
  }
}

}  // namespace saker::http
