#!/usr/bin/env bash
# Comes to the finding of this claim again, from the raw files beside it: what ss printed (ss/), the captured packets (packets/), the
# counters (counters/), what the processes of the run answered to each call (answers/), and what the kernel's tracepoint wrote (trace/).
# It needs bash, tshark, jq and Python 3, and nothing of tcpclose: verify/ does the work. Exit status: 0 the same finding, 1 another one, 2 it cannot run.
cd "$(dirname "$0")" || exit 2
for tool in tshark jq python3; do
  command -v "$tool" >/dev/null || { echo "verify.sh: $tool is missing: install it" >&2; exit 2; }
done
jq -r '"\(.claim.id)  \(.claim.claim)\nsaid: \(.claim.finding)"' evidence.json || exit 2
exec python3 -EB verify/main.py
