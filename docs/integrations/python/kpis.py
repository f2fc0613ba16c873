"""Prints KPIs by kind of channel: kpis.py 2026-01-01 2026-03-31"""

import sys

from kpigraph import Kpigraph


def shown(label, name, value):
    print(label, name, value["formatted"] or value["undefinedReason"]["code"], sep="\t")


answer = Kpigraph().ask("ChannelKpis", {"from": sys.argv[1], "to": sys.argv[2]})
for row in answer["metrics"]["nodes"]:
    for value in row["values"]:
        shown(row["dimensions"][0]["label"], value["metric"]["key"], value)
for segment in answer["lifetimeValue"]["segments"]["nodes"]:
    shown(segment["dimension"]["label"], "CLV", segment["historicPerCustomer"])
