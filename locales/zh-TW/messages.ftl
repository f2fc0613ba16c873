# 隨數值提供的說明。指標與維度的名稱沿用 API 的寫法。

NO_DATA = 本期沒有任何資料來源提供 { $measure }
ZERO_DENOMINATOR = 分母為零
OUT_OF_RANGE = 數值超過 28 位數字
MISSING_FX_RATE = 金額當日及之前七天內都沒有 { $currency } 的匯率
INCOMPATIBLE_DIMENSION = 在此計算基礎下，{ $measure } 無法依 { $dimension } 細分
NOT_ADDITIVE_AT_THIS_GRAIN = { $measure } 沒有剛好依這段日期與這種細分去重統計，各部分的人數不能相加
NO_HISTORY = { $what } 未按版本保存，無法回溯到更早的時間點
MISSING_COST = { $orders } 筆訂單的商品成本未知
NOT_PAID_BACK = 成本尚未回收：過了 { $months } 個月仍不足
SAMPLE_TOO_SMALL = 可供學習的顧客只有 { $found } 位，至少需要 { $needed } 位
NO_FIT =
    { $why ->
        [runs-off] 模型無法配適這些顧客的資料：概似函數沒有內部極大值，參數 { $parameter } 發散
        [no-mean] 模型無法配適這些顧客的資料：消費金額的分布沒有平均數
       *[no-maximum] 模型無法配適這些顧客的資料：找不到概似函數的極大值
    }
NO_TARGET = 該指標沒有範圍剛好一致、且期間包含這些日期的目標
NO_BENCHMARK = 團隊尚未設定該指標的基準
CUTS_SPAN = 報表將 { $from } 至 { $to } 合計為一個數，計入最後一天，而查詢把這些日期分開了
NOT_PERMITTED = 權杖缺少 { $scope } 權限

amount-per-day = { $amount }/天
