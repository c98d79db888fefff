/** Rules of nf_tables, as nft(8) would load them, without that program. The numbers are those of <linux/netfilter/nf_tables.h>. */
import { attempt } from './call.ts';
import { IPPROTO_TCP } from './libc.ts';
import { AF_UNSPEC, type NetfilterMessage, numbers, openNetfilter, sendToNetfilter } from './netfilter.ts';
import { attribute, NLM_F_ACK } from './netlink.ts';

const NLM_F_CREATE = 0x400;
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;
const NFT_MSG_NEWTABLE = 0;
const NFT_MSG_NEWCHAIN = 3;
const NFT_MSG_NEWRULE = 6;

const NFTA_LIST_ELEM = 1;
const NFTA_TABLE_NAME = 1;
const NFTA_CHAIN_TABLE = 1;
const NFTA_CHAIN_NAME = 3;
const NFTA_CHAIN_HOOK = 4;
const NFTA_CHAIN_TYPE = 7;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;
const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_META_DREG = 1;
const NFTA_META_KEY = 2;
const NFTA_CMP_SREG = 1;
const NFTA_CMP_OP = 2;
const NFTA_CMP_DATA = 3;
const NFTA_DATA_VALUE = 1;
const NFTA_QUEUE_NUM = 1;
const NFTA_QUEUE_TOTAL = 2;
const NFTA_QUEUE_FLAGS = 3;
const NFTA_TARGET_NAME = 1;
const NFTA_TARGET_REV = 2;
const NFTA_TARGET_INFO = 3;

/** The hook at which the kernel has not yet looked for the segment's socket, which may be another one when the segment is released. */
const NF_INET_PRE_ROUTING = 0;
/** The last of all rules there that may drop segments. */
const priority = 1000;
const NFT_META_L4PROTO = 16;
const NFT_REG_1 = 1;
const NFT_CMP_EQ = 0;
/** Segments pass if the queue has no listener. */
const NFT_QUEUE_FLAG_BYPASS = 1;

const table = terminated('tcpclose');

/** `queue flags bypass to 0`. */
const queueOfNftables = expression('queue', [
  attribute(NFTA_QUEUE_NUM, Buffer.from([0, 0])),
  attribute(NFTA_QUEUE_TOTAL, Buffer.from([0, 1])),
  attribute(NFTA_QUEUE_FLAGS, Buffer.from([0, NFT_QUEUE_FLAG_BYPASS])),
]);

/** `-j NFQUEUE --queue-bypass`. struct xt_NFQ_info_v3 is in host byte order: queue 0, one of them, flags. */
const queueOfIptables = expression('target', [
  attribute(NFTA_TARGET_NAME, terminated('NFQUEUE')),
  attribute(NFTA_TARGET_REV, numbers(3)),
  attribute(NFTA_TARGET_INFO, Buffer.from(Uint16Array.of(0, 1, NFT_QUEUE_FLAG_BYPASS, 0).buffer)),
]);

/**
 * Sends every TCP segment of a family that arrives in the network namespace to queue 0.
 * @throws SystemCallError EPERM without CAP_NET_ADMIN; EOPNOTSUPP, ENOENT or another if the kernel was built without it
 */
export function sendSegmentsToQueue(family: number): void {
  const socket = openNetfilter();
  try {
    // Some kernels lack one of the two, and some the other.
    const first = attempt(() => sendToNetfilter(socket, rules(family, queueOfNftables)));
    if (first === null) return;
    const second = attempt(() => sendToNetfilter(socket, rules(family, queueOfIptables)));
    if (second !== null) throw first;
  } finally {
    socket.close();
  }
}

/** `table tcpclose { chain tcpclose { type filter hook prerouting priority 1000; meta l4proto tcp <queue> } }`. */
function rules(family: number, queue: Buffer): NetfilterMessage[] {
  const make = (message: number, attributes: readonly Buffer[]): NetfilterMessage => ({
    type: (NFNL_SUBSYS_NFTABLES << 8) | message,
    flags: NLM_F_CREATE | NLM_F_ACK,
    family,
    attributes,
  });
  const batch = (type: number): NetfilterMessage => ({
    type,
    family: AF_UNSPEC,
    resource: NFNL_SUBSYS_NFTABLES,
    attributes: [],
  });
  const protocol = expression('meta', [
    attribute(NFTA_META_DREG, numbers(NFT_REG_1)),
    attribute(NFTA_META_KEY, numbers(NFT_META_L4PROTO)),
  ]);
  const isTcp = expression('cmp', [
    attribute(NFTA_CMP_SREG, numbers(NFT_REG_1)),
    attribute(NFTA_CMP_OP, numbers(NFT_CMP_EQ)),
    attribute(NFTA_CMP_DATA, [attribute(NFTA_DATA_VALUE, Buffer.from([IPPROTO_TCP]))]),
  ]);
  return [
    batch(NFNL_MSG_BATCH_BEGIN),
    make(NFT_MSG_NEWTABLE, [attribute(NFTA_TABLE_NAME, table)]),
    make(NFT_MSG_NEWCHAIN, [
      attribute(NFTA_CHAIN_TABLE, table),
      attribute(NFTA_CHAIN_NAME, table),
      attribute(NFTA_CHAIN_HOOK, [
        attribute(NFTA_HOOK_HOOKNUM, numbers(NF_INET_PRE_ROUTING)),
        attribute(NFTA_HOOK_PRIORITY, numbers(priority)),
      ]),
      attribute(NFTA_CHAIN_TYPE, terminated('filter')),
    ]),
    make(NFT_MSG_NEWRULE, [
      attribute(NFTA_RULE_TABLE, table),
      attribute(NFTA_RULE_CHAIN, table),
      attribute(NFTA_RULE_EXPRESSIONS, [protocol, isTcp, queue]),
    ]),
    batch(NFNL_MSG_BATCH_END),
  ];
}

function expression(name: string, attributes: readonly Buffer[]): Buffer {
  return attribute(NFTA_LIST_ELEM, [
    attribute(NFTA_EXPR_NAME, terminated(name)),
    attribute(NFTA_EXPR_DATA, attributes),
  ]);
}

function terminated(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
