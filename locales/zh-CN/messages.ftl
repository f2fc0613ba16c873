# 随数值给出的说明。指标和维度的名称保持 API 中的写法。

NO_DATA = 本期没有任何数据源提供 { $measure }
ZERO_DENOMINATOR = 分母为零
OUT_OF_RANGE = 数值超过 28 位数字
MISSING_FX_RATE = 金额当日及之前七天内都没有 { $currency } 的汇率
INCOMPATIBLE_DIMENSION = 在此口径下，{ $measure } 无法按 { $dimension } 拆分
NOT_ADDITIVE_AT_THIS_GRAIN = { $measure } 没有恰好按这段日期和这种拆分去重统计，各部分的人数不能相加
NO_HISTORY = { $what } 未按版本保存，无法回溯到更早的时点
MISSING_COST = { $orders } 个订单的商品成本未知
NOT_PAID_BACK = 成本尚未收回：{ $months } 个月过去仍不够
SAMPLE_TOO_SMALL = 可供学习的客户只有 { $found } 位，至少需要 { $needed } 位
NO_FIT =
    { $why ->
        [runs-off] 模型无法拟合这些客户的数据：似然函数没有内部极大值，参数 { $parameter } 发散
        [no-mean] 模型无法拟合这些客户的数据：消费金额的分布没有均值
       *[no-maximum] 模型无法拟合这些客户的数据：找不到似然函数的极大值
    }
NO_TARGET = 该指标没有范围恰好一致、且时间窗包含这些日期的目标
NO_BENCHMARK = 团队尚未设置该指标的基准
CUTS_SPAN = 报表将 { $from } 至 { $to } 合计为一个数，计入最后一天，而查询把这些日期分开了
NOT_PERMITTED = 令牌缺少 { $scope } 权限

amount-per-day = { $amount }/天
